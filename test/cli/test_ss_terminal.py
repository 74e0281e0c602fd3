# SPDX-License-Identifier: MIT
"""Names that others choose must not control the terminal that ss writes to."""

import os
import pty
import socket
import subprocess
import tty


NAME = b"\0evil\x1b[2J\x9b\x7fname\xc2\x9b" + "ü".encode()


def listing(tools, terminal):
    """What `ss -xl` prints while the socket exists, on a terminal or into a pipe."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(NAME)
        listening.listen(1)
        if not terminal:
            return subprocess.run([tools / "ss", "-xl"], stdout=subprocess.PIPE, timeout=20,
                                  check=True).stdout
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        with subprocess.Popen([tools / "ss", "-xl"], stdout=theirs) as ss:
            os.close(theirs)
            out = b""
            try:
                while block := os.read(ours, 65536):
                    out += block
            except OSError:  # how a terminal says end of file
                pass
            assert ss.wait(20) == 0
        os.close(ours)
        return out


def test_a_terminal_gets_no_control_bytes(tools):
    out = listing(tools, terminal=True)
    assert b"@evil.[2J?.name" in out
    assert "ü".encode() in out, "what is no control character stays"
    assert not set(out) & (set(range(0x20)) - {0x0A}), "control bytes reached the terminal"


def test_a_pipe_gets_the_name_as_it_is(tools):
    assert b"@" + NAME[1:] in listing(tools, terminal=False)
