# SPDX-License-Identifier: MIT
"""--sort: every type of value, in both directions, and what is not known."""

import json

import pytest

from conftest import TOP

DUMP = TOP / "test" / "fixtures" / "ss" / "dumps" / "zoo.dump"


@pytest.mark.parametrize("field, kind", [
    ("tcp.rtt_ms", float), ("tcp.bytes_acked", int), ("v6only", bool),
    ("congestion", str), ("local_address", str), ("timer.ms", int)])
def test_every_type_is_sorted_and_unknown_ones_are_last(run, field, kind):
    env = {"TCPDIAG_FILE": str(DUMP)}
    options = ["ss", "-tan", "--fields", field]

    def values(*more):
        rows = map(json.loads, run([*options, "--json-lines", *more], env=env).stdout.splitlines())
        for name in field.split("."):
            rows = [row.get(name) if row else None for row in rows]
        return rows

    plain = values()
    known = sorted(value for value in plain if value is not None)
    unknown = [None] * (len(plain) - len(known))
    assert len(set(known)) > 1 and {type(value) for value in known} <= {kind, int}
    up, down = known + unknown, known[::-1] + unknown
    # Texts from A, numbers from the largest.
    assert values("--sort", field) == (up if kind is str else down)
    assert values("--sort", f"-{field}") == (down if kind is str else up)
    assert values("--sort", field, "--top", "5") == (up if kind is str else down)[:5]


@pytest.mark.parametrize("field", ["processes", "md5_keys", "socket_options"])
def test_lists_have_no_order(run, field):
    done = run(["ss", "-tan", "--sort", field])
    assert (done.status, done.stdout, done.stderr) == \
        (255, "", f"ss: {field} is a list: nothing to sort by\n")
