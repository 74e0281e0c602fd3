# SPDX-License-Identifier: MIT
"""The command lines of doc/tls.md, as they stand there: each block is run by a shell in a folder of
its own, where socat is ours; what it must print stands behind "#> "."""

import re
import subprocess

import pytest

from certificates import certificates, tls  # noqa: F401
from conftest import TOP
from socat_kit import socat  # noqa: F401

PAGE = TOP / "doc" / "tls.md"
BLOCKS = re.findall(r"^## (.+?)$.*?^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
AUTHORITY = next(text for name, text in BLOCKS if name.startswith("An authority"))
PROLOGUE = "set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"


@pytest.mark.parametrize("name, text", BLOCKS, ids=[name for name, _ in BLOCKS])
def test_block(netns, tls, tmp_path, name, text):  # noqa: F811
    script = PROLOGUE + (AUTHORITY if text != AUTHORITY else "") + text
    expected = re.findall(r"#> (.*)$", text, re.MULTILINE)
    done = netns.run(["bash", "-c", script], cwd=tmp_path, stdin=None, timeout=20)
    assert done.stdout.splitlines() == expected, done
    assert done.status == 0
