# SPDX-License-Identifier: MIT
"""sockbox relay never loses data without a word: it says so, and its exit code is 3."""

import socket

import pytest

from conftest import wait_for

MUCH = b"x" * 20_000_000


@pytest.fixture
def stalled():
    """Where connections are taken, but nothing is read from them."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        yield f"TCP4:127.0.0.1:{s.getsockname()[1]}"


def test_silence_with_data_left(run, stalled):
    done = run(["sockbox", "relay", "--idle", "0.2", "-", stalled], input=MUCH)
    assert done.status == 3
    assert "the right address took nothing for 0." in done.stderr


def test_silence_with_data_left_after_an_end(run, stalled, tmp_path):
    file = tmp_path / "much"
    file.write_bytes(MUCH)
    done = run(["sockbox", "relay", "--closing", "0.2", f"/dev/null!!{stalled}", file])
    assert done.status == 3 and "the left address took nothing" in done.stderr


def test_silence_alone(run, stalled):
    done = run(["sockbox", "relay", "--idle", "0.2", "-", stalled], input=b"x")
    assert (done.status, done.stderr) == (0, "")


def test_a_session_of_a_listener(start, stalled, free_port, listener, tmp_path):
    port, log = free_port(), tmp_path / "log"
    start(["sockbox", "relay", "--idle", "0.2", "--log", log, f"TCP4-LISTEN:{port},fork", stalled])
    listener.port(port)
    with socket.create_connection(("127.0.0.1", port)) as c:
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            while True:
                c.sendall(MUCH)
    wait_for(lambda: "the right address took nothing" in log.read_text(), "the line")


@pytest.mark.parametrize("options", ["", ",pipes"])
def test_a_program_that_leaves_its_input(run, options):
    done = run(["sockbox", "relay", "-", f"SYSTEM:head -c 3{options}"], input=MUCH)
    assert (done.stdout, done.status) == ("xxx", 3)
    assert done.stderr.splitlines()[-1] == \
        "sockbox relay: the program did not read all of its input"
