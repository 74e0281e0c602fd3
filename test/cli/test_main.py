# SPDX-License-Identifier: MIT
"""The multi-call program: who is called by which name, and unknown names."""

import os

import pytest

LINKS = ["socat", "nc", "ncat", "ss", "filan", "procan"]


@pytest.mark.parametrize("arguments", [[], ["help"], ["--help"], ["-h"]])
def test_help_lists_every_tool(run, sockbox, arguments):
    r = run([sockbox, *arguments])
    assert (r.status, r.stderr) == (0, "")
    for name in LINKS + ["fd", "tour", "links", "help", "version"]:
        assert f"\n  {name} " in r.stdout


def test_help_lists_our_exit_codes(run, sockbox):
    out = run([sockbox, "help"]).stdout
    for code in ["0", "1", "2", "3", "4", "126", "127", "128+N"]:
        assert f"\n  {code} " in out


def test_help_of_one_tool(run, sockbox):
    r = run([sockbox, "help", "links"])
    assert r.status == 0 and r.stdout.startswith("  links ") and r.stdout.count("\n") == 1


def test_version(run, sockbox):
    r = run([sockbox, "--version"])
    assert r.status == 0 and r.stdout.startswith("sockbox ")


@pytest.mark.parametrize("name, hint", [
    ("sokat", 'did you mean "socat"?'),
    ("tuor", 'did you mean "tour"?'),
    ("xyzzy-plugh", "try: sockbox help"),
])
def test_unknown_tool_is_one_line_and_exit_2(run, sockbox, name, hint):
    r = run([sockbox, name])
    assert (r.status, r.stdout) == (2, "")
    assert r.stderr == f'sockbox: unknown tool "{name}", {hint}\n'


def test_unknown_tool_is_harmless_on_a_terminal(run, sockbox):
    r = run([sockbox, "\x1b[31m"])
    assert r.status == 2 and "\x1b" not in r.stderr


@pytest.mark.parametrize("name, arguments", [
    ("socat", ["-V"]), ("ss", ["-h"]), ("nc", ["-h"]), ("ncat", ["-h"]),
])
def test_link_and_first_argument_are_the_same_tool(run, sockbox, tools, name, arguments):
    by_link, by_word = run([tools / name, *arguments]), run([sockbox, name, *arguments])
    assert (by_link.status, by_link.stdout) == (by_word.status, by_word.stdout)
    assert by_link.stdout + by_link.stderr


def test_a_link_of_another_name_is_the_program_itself(run, sockbox, tmp_path):
    (tmp_path / "toolbox").symlink_to(sockbox)
    assert "tools:" in run([tmp_path / "toolbox"]).stdout


def test_our_verbs_are_not_called_by_link(run, sockbox, tmp_path):
    (tmp_path / "help").symlink_to(sockbox)
    assert run([tmp_path / "help", "sokat"]).status == 2


def test_links_makes_the_folder_and_can_be_repeated(run, sockbox, tmp_path):
    folder = tmp_path / "new"
    for _ in range(2):
        r = run([sockbox, "links", folder])
        assert (r.status, r.stdout, r.stderr) == (0, "", "")
    assert sorted(os.listdir(folder)) == sorted(LINKS)
    assert {os.readlink(folder / name) for name in LINKS} == {str(sockbox)}


def test_links_leaves_other_files_alone(run, sockbox, tmp_path):
    (tmp_path / "socat").write_text("mine")
    r = run([sockbox, "links", tmp_path])
    assert r.status == 1
    assert r.stderr == f"sockbox links: {tmp_path}/socat: File exists\n"
    assert (tmp_path / "socat").read_text() == "mine"


def test_links_into_a_folder_that_cannot_be(run, sockbox, tmp_path):
    r = run([sockbox, "links", tmp_path / "none" / "new"])
    assert r.status == 1
    assert r.stderr == f"sockbox links: {tmp_path}/none/new: No such file or directory\n"


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["--force"], [""]])
def test_links_with_a_wrong_command_line(run, sockbox, arguments):
    r = run([sockbox, "links", *arguments])
    assert (r.status, r.stdout, r.stderr) == (2, "", "usage: sockbox links FOLDER\n")
