# SPDX-License-Identifier: MIT
"""TLS and proxies on top of each other and of anything that carries bytes: UNIX sockets,
terminals, programs, named pipes, other proxies."""

import shutil
import subprocess

import pytest

from conftest import port_listens, unix_listens, wait_for
from socat_kit import LOCAL, log_lines, socat, socat_net  # noqa: F401

DATA = bytes(range(256)) * 4000
SOCKS_PORT, ECHO_PORT = 1080, 7000


@pytest.fixture(scope="module")
def certificate(sockbox, tmp_path_factory):
    """cert.pem with its key, for localhost; who trusts it needs no other."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    features = subprocess.run([sockbox, "socat", "-V"], capture_output=True, text=True, check=True)
    if "#define WITH_OPENSSL 1" not in features.stdout:
        pytest.skip("built without OpenSSL")
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", folder / "key", "-out", folder / "crt", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, stderr=subprocess.DEVNULL)
    path = folder / "cert.pem"
    path.write_text((folder / "key").read_text() + (folder / "crt").read_text())
    return path


def echoes(socat, address, data=DATA):  # noqa: F811
    """The number of bytes ends it: not all that carries TLS has an end."""
    done = socat.run("-t.1", "-,ignoreeof", f"{address},readbytes={len(data)}", input=data)
    assert (done.status, done.raw_stdout == data) == (0, True), done.stderr[-2000:]


@pytest.fixture
def tls(certificate):
    return f"OPENSSL:localhost:0,cafile={certificate}"


@pytest.fixture
def tls_server(certificate):
    return f"OPENSSL-LISTEN:0,cert={certificate},verify=0"


def test_socks_over_tls_over_unix(socat_net, netns, certificate, tls, tls_server,  # noqa: F811
                                  tmp_path):
    """A SOCKS server behind a TLS server on a UNIX socket, many sessions."""
    if not shutil.which("microsocks"):
        pytest.skip("needs microsocks")
    path = tmp_path / "out"
    netns.start(["microsocks", "-i", LOCAL, "-p", str(SOCKS_PORT)])
    socat_net.start(f"TCP4-LISTEN:{ECHO_PORT},fork", "PIPE")
    socat_net.start(f"{tls_server},fork,via=UNIX-LISTEN:{path}", f"TCP:{LOCAL}:{SOCKS_PORT}")
    for port in SOCKS_PORT, ECHO_PORT:
        wait_for(lambda port=port: port_listens("tcp", port, netns.net))
    wait_for(lambda: unix_listens(str(path), netns.net))
    echo = f"{LOCAL}:{ECHO_PORT}"
    for _ in range(3):
        echoes(socat_net, f"SOCKS5::{echo},via=({tls},via=UNIX-CONNECT:{path})")
    other = tls.replace("localhost", "other")
    done = socat_net.run("-", f"SOCKS5::{echo},via=({other},via=UNIX-CONNECT:{path})")
    [line] = log_lines(done.stderr, "FEW")
    assert done.status == 1 and "certificate" in line


def test_tls_on_a_terminal(socat, tls, tls_server, tmp_path):  # noqa: F811
    """Both ends of a cable, as two pseudo terminals."""
    here, there = tmp_path / "here", tmp_path / "there"
    socat.start(f"PTY,link={here},rawer", f"PTY,link={there},rawer")
    wait_for(lambda: here.exists() and there.exists())
    socat.start(f"{tls_server},via=({there},rawer)", "PIPE")
    echoes(socat, f"{tls},via=({here},rawer)", data=DATA[:50000])


@pytest.mark.parametrize("how", ["", ",pipes", ",pty,rawer"])
def test_tls_over_a_program(socat, netns, tls, tls_server, tmp_path, how):  # noqa: F811
    path = tmp_path / "s"
    socat.start(f"{tls_server},fork,via=UNIX-LISTEN:{path}", "PIPE")
    wait_for(lambda: unix_listens(str(path)))
    echoes(socat, f"{tls},via=(EXEC:'socat - UNIX-CONNECT:{path}'{how})", data=DATA[:50000])


def test_tls_over_two_pipes(socat, tls, tls_server, tmp_path):  # noqa: F811
    to, back = tmp_path / "to", tmp_path / "back"
    for path in to, back:
        subprocess.run(["mkfifo", path], check=True)
    socat.start(f"{tls_server},via=(OPEN:{to},rdwr!!OPEN:{back},rdwr)", "PIPE")
    echoes(socat, f"{tls},via=(OPEN:{back},rdwr!!OPEN:{to},rdwr)", data=DATA[:50000])


def test_tls_in_tls(socat, tls, tls_server, tmp_path):  # noqa: F811
    path = tmp_path / "s"
    socat.start(f"{tls_server},fork,via=({tls_server},via=UNIX-LISTEN:{path})", "PIPE")
    wait_for(lambda: unix_listens(str(path)))
    echoes(socat, f"{tls},via=({tls},via=UNIX-CONNECT:{path})")


def test_the_end_comes_through(socat, tls, tls_server, tmp_path):  # noqa: F811
    """Half-close is passed on by each layer; nothing is lost behind it."""
    path = tmp_path / "s"
    socat.start(f"{tls_server},fork,via=({tls_server},via=UNIX-LISTEN:{path})",
                "SYSTEM:'wc -c; echo end'")
    wait_for(lambda: unix_listens(str(path)))
    done = socat.run("-t5", "-", f"{tls},via=({tls},via=UNIX-CONNECT:{path})", input=DATA)
    assert (done.status, done.stdout) == (0, f"{len(DATA)}\nend\n"), done.stderr


def test_entry_goes_with_the_server(socat, tls, tls_server, tmp_path):  # noqa: F811
    path = tmp_path / "s"
    server = socat.start(f"{tls_server},via=UNIX-LISTEN:{path}", "PIPE")
    wait_for(lambda: unix_listens(str(path)))
    echoes(socat, f"{tls},via=UNIX-CONNECT:{path}", data=b"hello\n")
    server.end()
    assert not path.exists()


@pytest.mark.parametrize("more, line", [
    (",fork,via=PTY", 'E option "fork": PTY in "via" carries one session only'),
    (",range=10.0.0.0/8,via=UNIX-LISTEN:/x",
     'E option "range" is about the connection: give it to the address in "via"'),
    (",backlog=9,via=UNIX-LISTEN:/x",
     'E option "backlog" is about the connection: give it to the address in "via"'),
    (",via=UNIX-LISTEN:/nonexistent/x", None),
])
def test_wrong_in_plain_words(socat, tls_server, more, line):  # noqa: F811
    done = socat.run(f"{tls_server}{more}", "-")
    found = log_lines(done.stderr)
    assert done.status == 1 and len(found) == 1
    assert found == [line] if line else "No such file or directory" in found[0]
