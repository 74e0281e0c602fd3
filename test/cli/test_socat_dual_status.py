# SPDX-License-Identifier: MIT
"""A program that fails counts, also as one half of a dual address."""

import pytest

from socat_kit import log_lines, socat  # noqa: F401


@pytest.mark.parametrize("arguments", [
    ["-u", "SYSTEM:exit 3!!STDOUT", "-"],
    ["SYSTEM:exit 3!!STDOUT", "-"],
    ["-", "STDIN!!SYSTEM:cat; exit 3"],
    ["-U", "-", "SYSTEM:exit 3!!STDOUT"],
    ["-u", "-", "STDIN!!SYSTEM:cat; exit 3"],
], ids=lambda words: " ".join(words))
def test_its_status(socat, arguments):  # noqa: F811
    done = socat.run("-d", *arguments)
    assert done.status == 1
    assert "exited with status 3" in log_lines(done.stderr, "W")[-1]
    ending_well = [word.replace("exit 3", "exit 0") for word in arguments]
    assert socat.run(*ending_well).status == 0
