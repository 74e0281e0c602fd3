# SPDX-License-Identifier: MIT
"""The lint finds what it is there for, and nothing in a clean file."""

import subprocess
import sys

import pytest

from conftest import TOP

SPDX = "/* SPDX-License-Identifier: MIT */\n"
HEAD = SPDX + "/* A file. */\n\n"


def lint(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    done = subprocess.run([sys.executable, TOP / "script" / "lint", folder],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def function(lines):
    return "static int f(void)\n{\n" + "\tf();\n" * lines + "}\n"


BAD = [
    # file, text, what the lint says
    ("src/base/a.c", HEAD + '#include "net/address.h"\n', ":4: wrong arrow: base/ includes net/"),
    ("src/spec/a.c", HEAD + '#include "task/task.h"\n', ":4: wrong arrow: spec/ includes task/"),
    ("src/spec/a.c", HEAD + '#include "opt/opt.h"\n', ":4: wrong arrow: spec/ includes opt/"),
    ("src/addr/a.c", HEAD + '#include "relay/pump.h"\n', ":4: wrong arrow: addr/ includes relay/"),
    ("src/report/a.c", HEAD + '#include "addr/addr.h"\n', ": wrong arrow: report/ includes addr/"),
    ("src/hall/a.c", HEAD, ":1: unknown room hall/"),
    ("src/base/a.c", HEAD + '#include "err.h"\n', ':4: "err.h": name the room'),
    ("src/filter/a.c", HEAD + "int r = net_resolve(q);\n", ":4: filter/ never waits"),
    ("src/base/a.c", HEAD + "x\n" * 500, "lines, more than 500"),
    ("src/base/a.c", HEAD + function(51), ":5: function of 51 lines, more than 50"),
    ("src/addr/a.c", HEAD + "int r = connect(fd, a, n);\n", ":4: connect() stops all sessions"),
    ("src/proto/a.c", HEAD + "int r = poll(p, 1, 9);\n", ":4: poll() stops all sessions"),
    ("src/stream/a.c", HEAD + "int r = usleep (1);\n", ":4: usleep() stops all sessions"),
    ("src/tool/a.c", HEAD + "int r = strcpy(a, b);\n", ":4: strcpy() has no size"),
    ("src/tool/a.c", HEAD + "int r = atoi(a);\n", ":4: atoi() hides errors"),
    ("src/relay/a.c", HEAD + "int r = fprintf(f, b);\n", ":4: fprintf() only tools print"),
    ("src/net/a.c", HEAD + "int r = exit(1);\n", ":4: exit() only tools print and exit"),
    ("src/net/a.c", HEAD + "int f(void)\n{\n#ifdef A\n#endif\n}\n", ":6: conditional inside"),
    ("src/net/a.c", HEAD + "int a[] = {\n\t1,\n#if A\n\t2,\n#endif\n};\n", ":6: conditional inside"),
    ("src/net/a.c", HEAD + "int " + "a" * 100 + ";\n", ":4: longer than 100 columns"),
    ("src/net/a.c", HEAD + "\t" * 12 + "int a;\n\n", ":4: longer than 100 columns"),
    ("src/net/a.c", HEAD + "int a; \n", ":4: trailing blanks"),
    ("src/net/a.c", HEAD + "int a;", ":4: no newline at the end"),
    ("src/net/a.c", "/* A file. */\n/* Words. */\n", ":1: the first line is not the SPDX line"),
    ("src/net/a.c", SPDX + "\nint a;\n", ":2: the file does not begin with a comment"),
    ("src/net/a.h", SPDX + "int a;\n", ":1: header without #pragma once"),
    ("test/unit/net/a.c", HEAD + "/* TO" "DO */\n", ":4: unfinished"),
    ("src/tool/a.c", HEAD + 'const struct tool t = {\n\t.names = "a",\n\t.help = "",\n};\n',
     ":4: struct tool row without help"),
    ("src/tool/a.c", HEAD + 'const struct tool t = {\n\t.names = "a",\n};\n',
     ":4: struct tool row without help"),
    ("src/addr/a.c", HEAD + 'const struct opt_type t[] = {\n\t{ "a b", "" },\n\t{ "c", "d" },\n};\n',
     ":5: struct opt_type row without help"),
    ("src/addr/a.c", HEAD + 'const struct addr_type t[] = {\n\t{ "A", "<x>", NULL, 1 },\n};\n',
     ":5: struct addr_type row without help"),
]


@pytest.mark.parametrize("name, text, says", BAD, ids=[f"{n}-{s}" for n, _, s in BAD])
def test_each_rule_is_found(tmp_path, name, text, says):
    status, out = lint(tmp_path, {name: text})
    assert status == 1
    assert name + says in out or (name in out and says in out)
    assert "1 files, 1 findings" in out


GOOD = {
    "src/net/good.c": HEAD + '#include "base/err.h"\n#include "task/task.h"\n#include <poll.h>\n'
                      + function(50) + "/* strcpy(a, b) */\nint x = s->connect(s);\n"
                      + "int y = poll(&p, 1, 0);\n"
                      + 'const char *t = "exit(1) /* ";\n#if A\n#define B 1\n#endif\n',
    "src/addr/rows.c": HEAD + "const struct opt_type t[] = {\n"
                       + '\t{ "a", "help, with, commas" },\n'
                       + '\t{ .names = "b", .args = { 1, 2 }, .help = "words" },\n'
                       + "\t{ 0 },\n};\n",
    "src/spec/flat.c": HEAD + "/* lint: flat table */\n" + "x\n" * 600 + function(60),
    "src/base/platform.h": SPDX + "#pragma once\n#ifndef A\n#define A (-1)\n#endif\n",
    "src/tool/t.c": HEAD + 'int f(void)\n{\n\tprintf("words");\n}\n',
}


def test_nothing_is_found_in_clean_files(tmp_path):
    assert lint(tmp_path, GOOD) == (0, f"lint: {len(GOOD)} files, 0 findings\n")
