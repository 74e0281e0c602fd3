# SPDX-License-Identifier: MIT
"""Whether the kernel encrypts is asked of it, and what it answers is accepted in silence."""

import shutil

import pytest

from certificates import certificates, tls  # noqa: F401
from conftest import wait_for
from socat_kit import log_lines, socat  # noqa: F401


def test_a_kernel_without_tls_is_asked_once(socat, tls, tmp_path):  # noqa: F811
    """And one that has it once more for each session; data pass either way."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    calls, log = tmp_path / "calls", tmp_path / "log"
    with open(log, "wb") as stderr:
        socat.commands.start(
            ["strace", "-o", calls, "-e", "trace=setsockopt", socat.program(), "-dd",
             f"OPENSSL-LISTEN:0,pf=ip4,fork,verify=0,cert={tls}/server.pem", "PIPE"],
            stderr=stderr, env={"ASAN_OPTIONS": "detect_leaks=0"})
    wait_for(lambda: b"listening on" in log.read_bytes() or b"ptrace" in log.read_bytes(), "its start")
    if b"ptrace" in log.read_bytes():
        pytest.skip("tracing is not permitted")
    port = log.read_text().split("listening on", 1)[1].split("\n", 1)[0].rpartition(":")[2]
    for _ in range(3):
        done = socat.run("-", f"OPENSSL:localhost:{port},pf=ip4,cafile={tls}/ca.pem", input="hello\n")
        assert (done.status, done.stdout) == (0, "hello\n")
    asked = [line for line in calls.read_text().splitlines() if "TCP_ULP" in line]
    assert log_lines(log.read_text(), "FEW") == []
    if "ENOENT" in asked[0]:
        assert len(asked) == 1
    else:
        assert len(asked) > 3
