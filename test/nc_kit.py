# SPDX-License-Identifier: MIT
"""What the tests of nc's dialects share: ours and the original, each in both roles, in a
network namespace for the whole module."""

import pytest

from conftest import namespace

PAIRS = [(c, s) for c in ["ours", "original"] for s in ["ours", "original"]]
each_pair = pytest.mark.parametrize("client, server", PAIRS, ids=["-".join(p) for p in PAIRS])
both = pytest.mark.parametrize("which", ["ours", "original"])


@pytest.fixture(scope="module")
def space(our_path):
    yield from namespace(our_path)
