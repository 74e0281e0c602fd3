# SPDX-License-Identifier: MIT
"""What the tests of nc's dialects share: ours and the original, each in both roles, in a
network namespace for the whole module."""

import subprocess

import pytest

from conftest import SOCKBOX, namespace

PAIRS = [(c, s) for c in ["ours", "original"] for s in ["ours", "original"]]
each_pair = pytest.mark.parametrize("client, server", PAIRS, ids=["-".join(p) for p in PAIRS])
both = pytest.mark.parametrize("which", ["ours", "original"])


@pytest.fixture(scope="module")
def space(our_path):
    yield from namespace(our_path)


@pytest.fixture(scope="module")
def tls():
    """Needed by whatever speaks TLS with ours."""
    features = subprocess.run([SOCKBOX, "socat", "-V"], check=True, capture_output=True).stdout
    if b"#define WITH_OPENSSL 1" not in features:
        pytest.skip("built without OpenSSL")


@pytest.fixture(scope="module")
def certificate(tls, tmp_path_factory):
    """The certificate of localhost, which is its own authority, and the key."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"
