# SPDX-License-Identifier: MIT
"""Certificates for the tests of TLS, made by openssl(1) when the first test asks for them.

Each is NAME.pem (certificate and key) in one folder; ca.pem is the authority that all but
"untrusted", "self" and "deep" are signed by; "deep" is signed by "middle", which ca.pem has
signed; chain.pem is "deep" together with "middle".
"""

import shutil
import subprocess

import pytest

KEYS = {
    "rsa": ["rsa:2048"],
    "p256": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ed25519": ["ed25519"],
}
LOCALHOST = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"

CA = """
[ca]
default_ca = all
[all]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = names
[names]
commonName = supplied
"""

# name: (key, subject, extensions, signer, days; None: in 2099)
LEAVES = {
    "server": ("p256", "/C=XY/CN=localhost/O=Test/OU=socat/L=Lunar Base", LOCALHOST, "ca", 30),
    "rsa": ("rsa", "/CN=localhost", LOCALHOST, "ca", 30),
    "ed25519": ("ed25519", "/CN=localhost", LOCALHOST, "ca", 30),
    "other": ("p256", "/CN=other.example", "subjectAltName=DNS:other.example", "ca", 30),
    "wild": ("p256", "/CN=wild", "subjectAltName=DNS:*.example.org", "ca", 30),
    "cn": ("p256", "/CN=localhost", "keyUsage=digitalSignature", "ca", 30),
    "expired": ("p256", "/CN=localhost", LOCALHOST, "ca", -1),
    "future": ("p256", "/CN=localhost", LOCALHOST, "ca", None),
    "untrusted": ("p256", "/CN=localhost", LOCALHOST, "stranger", 30),
    "deep": ("p256", "/CN=localhost", LOCALHOST, "middle", 30),
    "client": ("p256", "/CN=client one/OU=a/OU=b", "keyUsage=digitalSignature", "ca", 30),
}


class Maker:
    def __init__(self, folder):
        self.folder = folder

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, timeout=30,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def join(self, name, *parts):
        data = b"".join((self.folder / part).read_bytes() for part in parts)
        (self.folder / f"{name}.pem").write_bytes(data)

    def root(self, name):
        self.openssl("req", "-x509", "-newkey", *KEYS["p256"], "-nodes", "-days", "30", "-subj",
                     f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt")
        self.join(name, f"{name}.crt")

    def signed(self, name, key, subject, extensions, signer, days):
        self.openssl("req", "-newkey", *KEYS[key], "-nodes", "-subj", subject, "-keyout",
                     f"{name}.key", "-out", f"{name}.csr")
        (self.folder / f"{name}.ext").write_text(extensions)
        if days is None:
            return self.in_2099(name, signer)
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.crt", "-CAkey",
                     f"{signer}.key", "-CAcreateserial", "-days", str(days), "-extfile",
                     f"{name}.ext", "-out", f"{name}.crt")
        self.join(name, f"{name}.crt", f"{name}.key")

    def in_2099(self, name, signer):
        """Only "openssl ca" lets a certificate begin later, and it wants a configuration."""
        (self.folder / "ca.cnf").write_text(CA)
        (self.folder / "index.txt").touch()
        (self.folder / "serial").write_text("2099\n")
        self.openssl("ca", "-batch", "-config", "ca.cnf", "-notext", "-cert",
                     f"{signer}.crt", "-keyfile", f"{signer}.key", "-startdate", "20990101000000Z",
                     "-enddate", "20991231000000Z", "-extfile", f"{name}.ext", "-in",
                     f"{name}.csr", "-out", f"{name}.crt")
        self.join(name, f"{name}.crt", f"{name}.key")

    def make(self):
        for name in ["ca", "stranger"]:
            self.root(name)
        self.root("self")
        self.join("self", "self.crt", "self.key")
        self.signed("middle", "p256", "/CN=middle", "basicConstraints=critical,CA:TRUE", "ca", 30)
        for name, row in LEAVES.items():
            self.signed(name, *row)
        self.join("chain", "deep.crt", "middle.crt", "deep.key")


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """The folder."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificates")
    Maker(folder).make()
    return folder


@pytest.fixture
def tls(socat, certificates):
    """The folder, if our socat was built with OpenSSL."""
    if "#define WITH_OPENSSL 1" not in socat.run("-V").stdout:
        pytest.skip("built without OpenSSL")
    return certificates
