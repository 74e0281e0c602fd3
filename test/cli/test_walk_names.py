# SPDX-License-Identifier: MIT
"""A walk over the names of socat 1.8.1.1: each address and option is there, under its name and
its aliases; what Linux does not have is an unknown name."""

import re

import pytest

from conftest import TOP
from socat_kit import log_lines, socat, together  # noqa: F401

NAMES = TOP / "test" / "fixtures" / "socat" / "names-1.8.1.1"


def read_names():
    """(kind, feature it needs or "", names) of each line."""
    rows, feature = [], ""
    for line in NAMES.read_text().splitlines():
        if line.startswith("["):
            feature = line.strip("[]")
        elif not line.startswith("#"):
            kind, *names = line.split()
            rows.append((kind, feature, names))
    return rows


def canonical_names(text):
    """What -hhh lists: {name: canonical name}."""
    found = {}
    for line in text.splitlines():
        name = re.match(r" {6}([^\s:\[<]+)", line)
        if name:
            alias = re.search(r"is an alias (?:name )?for (\S+)$", line)
            found[name[1]] = alias[1] if alias else name[1]
    return found


@pytest.fixture
def features(socat):  # noqa: F811
    return set(re.findall(r"#define WITH_(\w+) 1$", socat.run("-V").stdout, re.MULTILINE))


@pytest.mark.parametrize("kind, least", [("address", 170), ("option", 700)])
def test_all_are_there(socat, features, kind, least):
    heads, _, options = socat.run("-hhh").stdout.partition("\n   opts:")
    found = canonical_names(heads if kind == "address" else options)
    expected = {name: names[0] for k, feature, names in read_names() for name in names
                if k == kind and (not feature or feature in features)}
    assert len(expected) > least
    assert {name: found.get(name) for name in expected} == expected


def test_others_are_unknown(socat, features):
    def refuse(name):
        done = socat.run("-u", f"TCP4:127.0.0.1:9,{name}", "/dev/null")
        lines = log_lines(done.stderr, "E")
        assert done.status == 1 and len(lines) == 1, done
        assert f'unknown option "{name}"' in lines[0], lines

    names = [name for kind, feature, names in read_names() for name in names
             if kind == "never" or (kind == "option" and feature and feature not in features)]
    assert len(names) > 50
    for i in range(0, len(names), 16):
        together(*[lambda name=name: refuse(name) for name in names[i:i + 16]])
