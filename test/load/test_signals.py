# SPDX-License-Identifier: MIT
"""Signals to the one that serves sessions: it stops listening and ends with 128 + signal; the
sessions that run are not cut."""

import os
import signal
import socket
from pathlib import Path

import pytest

from conftest import port_listens, wait_for
from load_kit import back, load, load_program, relay  # noqa: F401


def echo(port):
    s = socket.create_connection(("127.0.0.1", port), timeout=10)
    round_trip(s)
    return s


def round_trip(s):
    s.sendall(b"question")
    assert s.recv(100) == b"question"


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_sessions_go_on_when_it_ends(relay, signo):
    running = relay("TCP4-LISTEN:0,fork", "PIPE")
    sessions = [echo(running.target) for _ in range(5)]
    running.process.send_signal(signo)
    wait_for(lambda: not port_listens("tcp", running.target), "the end of listening")
    for session in sessions:
        round_trip(session)
        session.close()
    assert running.end().status == 128 + signo


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_a_long_stream_is_whole(relay, back, load, signo):
    """The signal comes while it flows."""
    running = relay("TCP4-LISTEN:0,fork", f"TCP4:127.0.0.1:{back.tcp}")
    import threading
    reports = []
    client = threading.Thread(target=lambda: reports.append(
        load.with_errors("bulk", running.target, bytes="256M", check=True)))
    client.start()
    wait_for(lambda: back.stats()["received"] > 0, "the first bytes")
    running.process.send_signal(signo)
    client.join()
    assert reports[0]["errors"] == 0, reports
    assert back.stats()["received"] >= 256 << 20 and back.stats()["wrong"] == 0
    assert running.end().status == 128 + signo


def heir_of(running):
    """The process that goes on with its sessions."""
    assert running.signal(signal.SIGTERM).status == 143
    return int(running.wait_line(r"process (\d+) goes on with 1 sessions").group(1))


def test_the_heir_hears_signals(relay):
    running = relay("TCP4-LISTEN:0,fork", "PIPE")
    session = echo(running.target)
    heir = heir_of(running)
    os.kill(heir, signal.SIGUSR1)
    running.wait_line(r" N 1 sessions are open; in total:")
    round_trip(session)
    os.kill(heir, signal.SIGTERM)
    assert session.recv(1) == b""
    wait_for(lambda: not Path(f"/proc/{heir}").exists(), "the end of the heir")


def test_the_heir_keeps_what_its_sessions_have(relay, tmp_path):
    """The socket file of a session goes when the session ends, not before."""
    own = tmp_path / "own"
    with socket.socket(socket.AF_UNIX) as back:
        back.bind(f"{tmp_path}/back")
        back.listen()
        running = relay("TCP4-LISTEN:0,fork", f"UNIX-CONNECT:{tmp_path}/back,bind={own}")
        session = socket.create_connection(("127.0.0.1", running.target), timeout=10)
        peer, _ = back.accept()
        peer.sendall(b"hello")
        assert session.recv(100) == b"hello"
        heir = heir_of(running)
        assert own.exists()
        session.close()
        peer.close()
        wait_for(lambda: not Path(f"/proc/{heir}").exists(), "the end of the heir")
        assert not own.exists()


def begin_opening(relay):
    """A session whose second address is still talking to its SOCKS server: the relay, the client,
    the server's end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        running = relay("TCP4-LISTEN:0,fork",
                        f"SOCKS4:127.0.0.1:10.0.0.1:80,socksport={server.getsockname()[1]}")
        client = socket.create_connection(("127.0.0.1", running.target), timeout=10)
        talk, _ = server.accept()
        talk.settimeout(10)
        assert talk.recv(100)[:2] == b"\4\1"
        return running, client, talk


def test_what_is_being_opened_goes_on(relay):
    running, client, talk = begin_opening(relay)
    running.process.send_signal(signal.SIGTERM)
    wait_for(lambda: not port_listens("tcp", running.target), "the end of listening")
    talk.sendall(b"\0\x5a" + bytes(6))
    assert running.process.wait(10) == 143
    client.sendall(b"question")
    assert talk.recv(100) == b"question"
    talk.sendall(b"answer")
    assert client.recv(100) == b"answer"
    client.close()
    assert talk.recv(1) == b""


def test_what_is_not_open_soon_is_cancelled(relay):
    running, client, talk = begin_opening(relay)
    running.process.send_signal(signal.SIGTERM)
    assert client.recv(1) == b"" and talk.recv(1) == b""
    assert running.process.wait(10) == 143


def test_a_second_signal_cancels_what_is_being_opened(relay):
    running, client, talk = begin_opening(relay)
    running.process.send_signal(signal.SIGTERM)
    wait_for(lambda: not port_listens("tcp", running.target), "the end of listening")
    running.process.send_signal(signal.SIGINT)
    assert client.recv(1) == b"" and talk.recv(1) == b""
    assert running.process.wait(10) == 128 + signal.SIGINT


def test_socket_file_goes_with_it(relay, tmp_path):
    running = relay(f"UNIX-LISTEN:{tmp_path}/front,fork", "PIPE")
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(running.target)
        round_trip(s)
    assert running.signal(signal.SIGTERM).status == 143
    assert not (tmp_path / "front").exists()


def test_statistics_do_not_disturb(relay, back, load):
    """SIGUSR1 while sessions run: they go on, and new ones come."""
    running = relay("TCP4-LISTEN:0,fork", f"TCP4:127.0.0.1:{back.tcp}")
    client = load.client("idle", running.target, connections=10)
    for _ in range(5):
        running.process.send_signal(signal.SIGUSR1)
    assert client.go()["errors"] == 0
    assert load("ask", running.target, seconds=0.05)["rounds"] > 0
    assert running.process.poll() is None
