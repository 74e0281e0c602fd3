# SPDX-License-Identifier: MIT
"""Peers that leave in the middle of a handshake: after each single byte of each flight of TLS 1.2
and 1.3, by an end and by a reset, as client and as server of ours.  Hundreds of sessions of one
process; what they leave is compared with what was there before."""

import contextlib

import signal
import socket
import ssl
import struct
import threading

import pytest

from certificates import certificates, tls  # noqa: F401
from conftest import wait_for
from load_kit import SANITIZED, VALGRIND, relay  # noqa: F401
from socat_kit import LIMIT, LOCAL, socat  # noqa: F401

STEP = 7 if SANITIZED or VALGRIND else 1
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
RESET = struct.pack("ii", 1, 0)
ANSWER = b"from the server"


def context(protocol, version, folder):
    made = ssl.SSLContext(protocol)
    made.minimum_version = made.maximum_version = VERSIONS[version]
    if protocol == ssl.PROTOCOL_TLS_SERVER:
        made.load_cert_chain(folder / "server.pem")
    else:
        made.load_verify_locations(folder / "ca.pem")
    return made


class Peer:
    """One side of TLS in memory, whose words reach the socket up to a limit."""

    def __init__(self, made, sock, limit, **more):
        self.sock, self.left, self.sent = sock, limit, 0
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = made.wrap_bio(self.incoming, self.outgoing, **more)

    def flush(self):
        """False: the limit is reached."""
        data = self.outgoing.read()
        part = data[:self.left]
        self.sock.sendall(part)
        self.left -= len(part)
        self.sent += len(part)
        return self.left > 0

    def do(self, what):
        """The result, or None: it may say nothing more, or the other side has gone."""
        while True:
            with contextlib.suppress(ssl.SSLWantReadError):
                result = what()
                return result if self.flush() else None
            if not self.flush():
                return None
            data = self.sock.recv(65536)
            if not data:
                return None
            self.incoming.write(data)

    def leave(self, abruptly):
        if abruptly:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.sock.close()


def talk_as_client(made, port, limit, abruptly):
    """How many bytes were sent in all."""
    peer = Peer(made, socket.create_connection((LOCAL, port), timeout=LIMIT), limit,
                server_hostname="localhost")
    with contextlib.suppress(ConnectionError):
        if peer.do(lambda: peer.session.do_handshake() or True):
            peer.do(lambda: peer.session.read(100))
    peer.leave(abruptly)
    return peer.sent



@pytest.mark.parametrize("abruptly", [False, True])
@pytest.mark.parametrize("version", VERSIONS)
def test_clients_that_leave_anywhere(relay, tls, version, abruptly):  # noqa: F811
    with answering() as port:
        running = relay(f"OPENSSL-LISTEN:0,pf=ip4,fork,backlog=1024,cert={tls}/server.pem,cafile={tls}/ca.pem,"
                        "verify=0", f"TCP4:{LOCAL}:{port}")
        made = context(ssl.PROTOCOL_TLS_CLIENT, version, tls)
        whole = talk_as_client(made, running.target, 1 << 20, False)
        before = running.idle_footprint()
        assert whole > 200
        for limit in range(0, whole, STEP):
            talk_as_client(made, running.target, limit, abruptly)
        assert talk_as_client(made, running.target, 1 << 20, False) > 200
        running.returns_to(before)


@contextlib.contextmanager
def answering(serve=lambda peer: peer.sendall(ANSWER)):
    """A server; what it does with each of its clients."""
    with socket.create_server((LOCAL, 0), backlog=1000) as listener:
        def run():
            while True:
                peer, _ = listener.accept()
                if ended:
                    peer.close()
                    return
                with contextlib.suppress(OSError):  # of TLS as well
                    serve(peer)
                peer.close()
        ended = []
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        ended.append(True)
        socket.create_connection((LOCAL, listener.getsockname()[1])).close()
        thread.join(LIMIT)


class Cutter:
    """A server of TLS that leaves after so many bytes of its own."""

    def __init__(self, made, abruptly):
        self.made, self.abruptly, self.limit, self.sent = made, abruptly, 1 << 20, 0

    def __call__(self, sock):
        sock.settimeout(LIMIT)
        peer = Peer(self.made, sock, self.limit, server_side=True)
        try:
            if peer.do(lambda: peer.session.do_handshake() or True):
                peer.do(lambda: peer.session.write(ANSWER))
                with contextlib.suppress(ssl.SSLError):
                    peer.do(peer.session.unwrap)
        finally:
            self.sent = peer.sent
            peer.leave(self.abruptly)


@pytest.mark.parametrize("abruptly", [False, True])
@pytest.mark.parametrize("version", VERSIONS)
def test_servers_that_leave_anywhere(relay, tls, version, abruptly):  # noqa: F811
    """Its own client gets nothing, or what it would have got, or a part of that; never others."""
    cutter = Cutter(context(ssl.PROTOCOL_TLS_SERVER, version, tls), abruptly)
    with answering(cutter) as port:
        running = relay("TCP4-LISTEN:0,fork,backlog=1024",
                        f"OPENSSL:localhost:{port},pf=ip4,cafile={tls}/ca.pem")

        def ask():
            with socket.create_connection((LOCAL, running.target), timeout=LIMIT) as client:
                client.shutdown(socket.SHUT_WR)
                with contextlib.suppress(ConnectionError):
                    return client.recv(100)
            return b""

        assert ask() == ANSWER or abruptly
        wait_for(lambda: cutter.sent, "the end of the server's talk")
        whole = cutter.sent
        before = running.idle_footprint()
        assert whole > 500
        for cutter.limit in range(0, whole, STEP):
            assert ask() in (b"", ANSWER), cutter.limit
        cutter.limit, cutter.abruptly = 1 << 20, False
        assert ask() == ANSWER
        running.returns_to(before)


GARBAGE = [b"", b"\x00", b"\x16", b"\x16\x03\x01\xff\xff", b"\x80\x2e\x01\x03\x01",
           b"\x16\x03\x01\x00\x04\x01\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28",
           b"\x17\x03\x03\x00\x20" + bytes(32), b"\x16\x03\x01\x40\x00" + bytes(16384), bytes(70000),
           b"\xff" * 70000, b"\x14\x03\x03\x00\x01\x01" * 1000]


def test_garbage(relay, tls):  # noqa: F811
    with answering() as port:
        running = relay(f"OPENSSL-LISTEN:0,pf=ip4,fork,backlog=1024,cert={tls}/server.pem,verify=0",
                        f"TCP4:{LOCAL}:{port}")
        made = context(ssl.PROTOCOL_TLS_CLIENT, "1.3", tls)
        talk_as_client(made, running.target, 1 << 20, False)
        before = running.idle_footprint()
        for data in GARBAGE:
            with socket.create_connection((LOCAL, running.target), timeout=LIMIT) as client, \
                    contextlib.suppress(ConnectionError):
                client.sendall(data)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
        assert talk_as_client(made, running.target, 1 << 20, False) > 200
        running.returns_to(before)
        wait_for(lambda: running.text().count(" E SSL_accept()") == len(GARBAGE), "an error for each")
        running.process.send_signal(signal.SIGTERM)
