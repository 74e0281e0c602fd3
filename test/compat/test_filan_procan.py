# SPDX-License-Identifier: MIT
"""procan beside Debian's (1.7.4.4): whatever 1.7 says, ours says as well, in the
same order; 1.8 adds lines and words the terminal differently."""

import re
import subprocess

from conftest import original


def both(tools, *arguments):
    return [subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                           text=True, timeout=30)
            for program in [original("procan"), tools / "procan"]]


def known_to_17(line):
    """Without what 1.8 replaced, and without the sizes of the original's own structures."""
    return not re.match(r"controlling terminal|RESOURCE LIMITS|.*diag_dgram", line)


def test_lines(tools):
    theirs, ours = both(tools)
    mask = lambda text: re.sub(r"(process id = )\d+", r"\1N", text).splitlines()
    remaining = iter(mask(ours.stdout))
    for line in filter(known_to_17, mask(theirs.stdout)):
        assert line in remaining, f"{line!r} is missing or in the wrong place"
    assert (ours.returncode, ours.stderr) == (theirs.returncode, theirs.stderr) == (0, "")


def test_constants(tools):
    theirs, ours = both(tools, "-c")
    assert ours.stdout == theirs.stdout
    assert ours.returncode == theirs.returncode == 0


def test_refusals(tools):
    for argument in ["-V", "-x", "superfluous"]:
        theirs, ours = both(tools, argument)
        line = lambda text: re.sub(r"\[\d+\]", "[]", text.splitlines()[0])[20:]
        assert line(ours.stderr) == line(theirs.stderr)
        assert (ours.returncode, ours.stdout) == (theirs.returncode, theirs.stdout) == (1, "")
