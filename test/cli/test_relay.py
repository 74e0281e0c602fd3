# SPDX-License-Identifier: MIT
"""sockbox relay: its options, its words, its exit codes."""

import pytest


@pytest.fixture
def relay(run):
    return lambda *words, **more: run(["sockbox", "relay", *words], **more)


def test_moves_both_ways_and_counts(relay):
    done = relay("--counts", "-", "EXEC:tr a-z A-Z", input=b"hello")
    assert (done.status, done.stdout) == (0, "HELLO")
    assert "5 bytes from left to right" in done.stderr
    assert "5 bytes from right to left" in done.stderr


def test_one_way(relay, tmp_path):
    """What the right side says is left where it is."""
    out = tmp_path / "out"
    done = relay("--one-way", "-", f"CREATE:{out}", input=b"hello")
    assert (done.status, done.stdout, done.stderr) == (0, "", "")
    assert out.read_bytes() == b"hello"


def test_options_end_at_two_dashes(relay):
    done = relay("--counts", "--", "-", "EXEC:cat", input=b"x")
    assert (done.status, done.stdout) == (0, "x")
    done = relay("--", "--counts", "-")
    assert done.status == 2
    assert 'address "--counts"' in done.stderr


@pytest.mark.parametrize("words, said", [
    (["--counst", "-", "-"], "unknown option --counst"),
    (["--idle", "x", "-", "-"], "not a number of seconds: x"),
    (["--idle", "-1", "-", "-"], "not a number of seconds: -1"),
    (["-"], "two addresses"),
    (["-", "TPC:127.0.0.1:1"], '"TPC"'),
    (["-", "TCP:127.0.0.1:1,nodelya"], 'did you mean "nodelay"?'),
])
def test_wrong_words_begin_nothing(relay, words, said):
    done = relay(*words)
    assert (done.status, done.stdout) == (2, "")
    assert said in done.stderr.splitlines()[0]


def test_what_cannot_be_opened(relay, tmp_path):
    done = relay("-", f"UNIX-CONNECT:{tmp_path}/nobody")
    assert (done.status, done.stdout) == (1, "")
    assert "No such file or directory" in done.stderr


def test_help_names_every_option(relay):
    text = relay("--help").stdout
    for option in ["--idle", "--closing", "--one-way", "--counts", "--log", "--verbose"]:
        assert option in text
