# SPDX-License-Identifier: MIT
"""An option that the address has no use for is an error, never ignored."""

import pytest

USELESS = [
    ("STDIO,bind=127.0.0.1", "bind"),
    ("FD:0,type=2", "type"),
    ("EXEC:cat,bind=127.0.0.1", "bind"),
    ("EXEC:cat,pipes,type=2", "type"),
    ("SOCKETPAIR,bind=x", "bind"),
    ("GOPEN:/dev/null,rcvbuf=4096", "rcvbuf"),
    ("GOPEN:/dev/null,bind-tempname", "bind-tempname"),
]


@pytest.mark.parametrize("address, option", USELESS, ids=lambda v: str(v))
def test_it_is_named(run, tools, address, option):
    done = run([tools / "socat", "-u", "TEXT:x", address] if address.startswith(("EXEC", "SOCK"))
               else [tools / "socat", "-U", "TEXT:x", address])
    assert done.returncode == 1
    assert f'option "{option}" not inquired' in done.stderr
    assert done.stderr.count(" E ") == 1


@pytest.mark.parametrize("address", [
    "UDP4-SENDTO:127.0.0.1:9,bind=127.0.0.1,sourceport=0",
    "UDP4-RECV:0,bind=127.0.0.1,sourceport=9,lowport",
    "EXEC:cat,type=5",
])
def test_where_it_is_of_use_nothing_is_said(run, tools, address):
    done = run([tools / "socat", "-T0.2", "-u", "TEXT:x", address] if "RECV" not in address
               else [tools / "socat", "-T0.2", "-u", address, "STDOUT"])
    assert done.returncode == 0
    assert done.stderr == ""
