# SPDX-License-Identifier: MIT
"""nc in a real terminal: line mode, Ctrl-C, Ctrl-D, in tmux."""

import re
import shutil
import socket

import pytest

from conftest import wait_for

LIMIT = 30


@pytest.fixture
def screen(run, start, tmp_path):
    """screen(command) starts it in a shell in tmux; keys(...) types, text() is what is shown."""
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    tmux = ["tmux", "-f", "/dev/null", "-S", tmp_path / "tmux"]

    class Screen:
        def __init__(self, command):
            env = {"TERM": "screen", "PS1": "$ "}
            r = run([*tmux, "new-session", "-d", "-x", "80", "-y", "24", "env", "PS1=ready$ ",
                     "sh", "-i"], env=env)
            assert r.status == 0, r
            self.shows("ready$")
            self.keys(command + "; echo status=$?", "Enter")

        def keys(self, *keys):
            assert run([*tmux, "send-keys", *keys]).status == 0

        def text(self):
            return run([*tmux, "capture-pane", "-p"]).stdout

        def shows(self, word):
            wait_for(lambda: word in self.text(), f"{word!r} on the screen")
    yield Screen
    run([*tmux, "kill-server"])


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as s:
        s.settimeout(LIMIT)
        yield s


def meet(screen, server, flags=""):
    s = screen(f"nc {flags} 127.0.0.1 {server.getsockname()[1]}")
    peer = server.accept()[0]
    peer.settimeout(LIMIT)
    return s, peer


def test_lines_go_out_when_they_are_finished(screen, server):
    s, peer = meet(screen, server)
    with peer:
        s.keys("helo", "BSpace", "lo")
        s.shows("hello")
        s.keys("Enter")
        assert peer.recv(100) == b"hello\n"
        peer.sendall(b"nice to meet you\n")
        s.shows("\nnice to meet you")
    s.keys("C-d")
    s.shows("status=0")


def test_ctrl_d_is_the_end_of_input(screen, server):
    s, peer = meet(screen, server, "-N")
    with peer:
        s.keys("last", "Enter", "C-d")
        assert b"".join(iter(lambda: peer.recv(100), b"")) == b"last\n"
        peer.sendall(b"still listening\n")
        s.shows("still listening")
    s.shows("status=0")


def test_ctrl_c_ends_it_and_the_terminal_is_as_before(screen, server):
    s, peer = meet(screen, server)
    with peer:
        s.keys("C-c")
        assert peer.recv(100) == b""
    wait_for(lambda: s.text().count("ready$") == 2, "the prompt")
    s.keys("echo sta''tus", "Enter")
    s.shows("\nstatus\n")


def test_progress_is_one_line_that_stays(screen, server):
    s, peer = meet(screen, server, "-N --progress")
    with peer:
        for word in ["one", "two", "three"]:
            s.keys(word, "Enter")
            assert peer.recv(100) == word.encode() + b"\n"
        s.keys("C-d")
        assert peer.recv(1) == b""
    s.shows("status=0")
    assert len(re.findall(r"14 B sent, 0 B received, .*/s\n", s.text())) == 1


def test_a_listener_shows_who_came(screen):
    s = screen("nc -nlv 127.0.0.1 0")
    s.shows("Listening on 127.0.0.1 ")
    port = int(re.search(r"Listening on 127\.0\.0\.1 (\d+)", s.text()).group(1))
    with socket.create_connection(("127.0.0.1", port)) as peer:
        s.shows("Connection received on 127.0.0.1 ")
        peer.sendall(b"bytes\n")
        s.shows("\nbytes")
    s.shows("status=0")


def test_a_password_is_not_shown(screen, server):
    """-P: the proxy wants a login, which is asked for with echo off."""
    s = screen(f"nc -X connect -P me -x 127.0.0.1:{server.getsockname()[1]} h 80")
    with server.accept()[0] as first:
        first.recv(1000)
        first.sendall(b"HTTP/1.0 407 log in\r\n\r\n")
        s.shows("Proxy password for me@127.0.0.1:")
        s.keys("secret", "Enter")
        with server.accept()[0] as second:
            second.settimeout(LIMIT)
            request = second.recv(1000)
            assert b"authorization: Basic bWU6c2VjcmV0\r\n" in request
            second.sendall(b"HTTP/1.0 200 ok\r\n\r\nwelcome\n")
            s.shows("welcome")
    assert "secret" not in s.text()
