# SPDX-License-Identifier: MIT
"""Every command line of the tutorial: ours shows what it says, and what the original shows."""

import shutil

import pytest

import tutorial
from conftest import TOP

IDS = [f"{i + 1}-{line.command}" for i, line in enumerate(tutorial.LINES)]


@pytest.fixture(scope="module")
def runs(privates_for_module):
    """All lines, played with ours and with the originals."""
    if not tutorial.versions() or not shutil.which("bash"):
        pytest.skip("needs bash, and the originals: " + " ".join(tutorial.PACKAGES))
    return tuple(tutorial.play(space, ours)
                 for space, ours in zip(privates_for_module, [True, False]))


@pytest.mark.parametrize("i", range(len(tutorial.LINES)), ids=IDS)
def test_ours_shows_what_the_tutorial_says(runs, i):
    assert tutorial.says(tutorial.LINES[i], runs[0][i]), runs[0][i]


@pytest.mark.parametrize("i", range(len(tutorial.LINES)), ids=IDS)
def test_ours_and_the_original_are_the_same(runs, i):
    ours, original = runs[0][i], runs[1][i]
    same = tutorial.compare(tutorial.LINES[i], ours, original)
    assert same in (tutorial.SAME, tutorial.SPACING), f"ours {ours!r}\noriginal {original!r}"


def test_the_table_in_the_readme_is_current(runs):
    table = tutorial.table_in((TOP / "README.md").read_text())
    assert table, "README.md has no table: make table"
    if f"Originals: {tutorial.versions()}." not in table:
        pytest.skip("the table in README.md was made with other versions of the originals")
    assert table == tutorial.table(*runs), "make table"
