# SPDX-License-Identifier: MIT
"""A DTLS server and who says hello: only one who shows that he is where he says gets a session."""

import signal
import socket
import subprocess

import pytest

from certificates import certificates, tls  # noqa: F401
from conftest import wait_for
from socat_kit import LOCAL, socat  # noqa: F401
from test_relay_signals import start_relay

pytestmark = pytest.mark.usefixtures("own_network")


def serve(socat, tls, options="", what="PIPE", carrier=None):  # noqa: F811
    where = f"via=({carrier}:0,bind={LOCAL})" if carrier else f"bind={LOCAL}"
    running = socat.start("-ddd", f"DTLS-LISTEN:0,{where},cert={tls}/server.pem,verify=0{options}",
                          what)
    running.number = int(running.wait_line(r" N listening on UDP .*:(\d+)$").group(1))
    return running


def ask(peer, text=b"one packet\n"):
    peer.process.stdin.write(text)
    peer.process.stdin.flush()
    return peer.process.stdout.readline()


def talk(socat, tls, server):  # noqa: F811
    """A whole session of our client."""
    peer = socat.start("-", f"DTLS:{LOCAL}:{server.number},cafile={tls}/ca.pem")
    assert ask(peer) == b"one packet\n"
    assert peer.end(b"").status == 0


def sessions(server):
    """How many had a session, says the log."""
    return server.text().count(" N accepting UDP connection from")


def first_hello(socat, tls):  # noqa: F811
    """What a client says before it has heard anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind((LOCAL, 0))
        nobody.settimeout(20)
        peer = socat.start("-", f"DTLS:{LOCAL}:{nobody.getsockname()[1]},verify=0")
        hello = nobody.recv(65536)
        peer.signal(signal.SIGTERM)
    assert hello[0] == 22
    return hello


@pytest.mark.parametrize("carrier", [None, "UDP-LISTEN"])
@pytest.mark.parametrize("options", ["", ",fork", ",fork,isolate"])
def test_hellos_of_nobody(socat, tls, options, carrier):  # noqa: F811
    """1,000 hellos whose senders are gone, and garbage; then somebody real."""
    hello = first_hello(socat, tls)
    server = serve(socat, tls, options, carrier=carrier)
    for i in range(1000):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as once:
            once.sendto(hello if i % 10 else b"garbage", (LOCAL, server.number))
            if i % 100 == 1:  # the server keeps pace; its answer is less than it was asked
                once.settimeout(20)
                once.connect((LOCAL, server.number))
                once.send(hello)
                assert len(once.recv(65536)) < len(hello)
    talk(socat, tls, server)
    assert sessions(server) == 1 and " E " not in server.text()
    if "fork" in options:
        server.signal(signal.SIGTERM)
    assert server.end().status == (128 + signal.SIGTERM if "fork" in options else 0)


@pytest.mark.parametrize("options", ["", ",fork", ",fork,isolate"])
@pytest.mark.parametrize("listen, family, address", [
    ("DTLS-LISTEN:0,pf=ip4", socket.AF_INET, "127.0.0.2"),
    ("DTLS-LISTEN:0,pf=ip6", socket.AF_INET6, "::1"),
    ("DTLS-LISTEN:0,pf=ip6,ipv6only=0", socket.AF_INET6, "fd00::2"),
    ("DTLS-LISTEN:0,pf=ip6,ipv6only=0", socket.AF_INET, "127.0.0.2")])
def test_the_address_that_was_asked(own_network, socat, tls, listen, family, address,  # noqa: F811
                                    options):
    """A server has several addresses; the cookie comes from the one where it was asked for, and
    so does what follows."""
    subprocess.run(["ip", "address", "add", "fd00::2/128", "dev", "lo", "nodad"], check=True)
    hello = first_hello(socat, tls)
    server = socat.start("-dd", f"{listen},cert={tls}/server.pem,verify=0{options}", "PIPE")
    port = server.port()
    with socket.socket(family, socket.SOCK_DGRAM) as peer:
        peer.settimeout(20)
        peer.connect((address, port))  # it hears that address only
        peer.send(hello)
        peer.send(with_cookie(hello, peer.recv(65536)))
        assert peer.recv(65536)[13] == 2  # a server's hello
    assert sessions(server) == 1


def test_cookie_of_somebody_else(socat, tls):  # noqa: F811
    """A cookie is good for one address and port only."""
    hello = first_hello(socat, tls)
    server = serve(socat, tls, ",fork")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        for peer in [one, other]:
            peer.settimeout(20)
            peer.connect((LOCAL, server.number))
        one.send(hello)
        shown = with_cookie(hello, one.recv(65536))
        other.send(shown)
        assert cookie_of(other.recv(65536)) != cookie_of(shown, 13 + 12 + 35)
        assert sessions(server) == 0
        one.send(shown)
        assert one.recv(65536)[13] == 2  # a server's hello
    assert sessions(server) == 1
    server.signal(signal.SIGTERM)


def cookie_of(verify, at=13 + 12 + 2):
    """Record header, message header, version; then length and cookie."""
    return verify[at:at + 1 + verify[at]]


def with_cookie(hello, verify):
    """The second hello: number 1 of the records and of the messages, with the cookie behind the
    empty session id."""
    body = hello[25:25 + 34] + b"\0" + cookie_of(verify) + hello[25 + 34 + 2:]
    size = len(body).to_bytes(3, "big")
    message = hello[13:14] + size + b"\0\1" + b"\0\0\0" + size + body
    return hello[:5] + (1).to_bytes(6, "big") + len(message).to_bytes(2, "big") + message


@pytest.mark.parametrize("options", ["", ",fork", ",fork,isolate"])
@pytest.mark.parametrize("version", ["-dtls", "-dtls1_2"])
def test_s_client(socat, tls, options, version):  # noqa: F811
    server = serve(socat, tls, options, "SYSTEM:read line; echo heard $line")
    with socat.commands.start(["openssl", "s_client", "-quiet", version, "-connect",
                               f"{LOCAL}:{server.number}"], stdin=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as peer:
        peer.stdin.write(b"something\n")
        peer.stdin.flush()
        assert peer.stdout.readline() == b"heard something\n"
        peer.stdin.close()
    server.signal(signal.SIGTERM)


def test_cookies_outlive_a_reload(socat, tls, start, tools, tmp_path):  # noqa: F811
    """The log is opened anew together with the certificates."""
    hello = first_hello(socat, tls)
    process, log, port = start_relay(start, tools, tmp_path,
                                     f"DTLS-LISTEN:0,bind={LOCAL},fork,verify=0,"
                                     f"cert={tls}/server.pem", "PIPE")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(20)
        peer.connect((LOCAL, port))
        peer.send(hello)
        shown = with_cookie(hello, peer.recv(65536))
        log.rename(tmp_path / "log.1")
        process.send_signal(signal.SIGHUP)
        wait_for(log.exists, "the new log")
        peer.send(shown)
        assert peer.recv(65536)[13] == 2


@pytest.mark.parametrize("carrier", [None, "UDP-LISTEN"])
def test_many_at_once(socat, tls, carrier):  # noqa: F811
    server = serve(socat, tls, ",fork", carrier=carrier)
    peers = [socat.start("-", f"DTLS:{LOCAL}:{server.number},cafile={tls}/ca.pem")
             for _ in range(8)]
    for i, peer in enumerate(peers):
        assert ask(peer, b"%d\n" % i) == b"%d\n" % i
    assert sessions(server) == 8
    for peer in peers:
        assert peer.end(b"").status == 0
    server.signal(signal.SIGTERM)
