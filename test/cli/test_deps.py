# SPDX-License-Identifier: MIT
"""script/deps on systems that only seem to be there: stubs stand for dpkg-query, apt-get, id
and sudo."""

import subprocess

import pytest

from conftest import TOP

DEPS = TOP / "script" / "deps"


def rows():
    listed = subprocess.run([DEPS, "--list"], stdout=subprocess.PIPE, text=True, check=True)
    return [line.split(None, 3) for line in listed.stdout.splitlines()]


class System:
    """A folder of stubs.  Packages are installed as files in packages/."""

    def __init__(self, folder, packages, uid=1000, sudo=False, apt_works=True):
        self.bin, self.packages, self.log = folder / "bin", folder / "packages", folder / "log"
        self.bin.mkdir()
        self.packages.mkdir()
        for name in packages:
            (self.packages / name).touch()
        self.stub("dpkg-query", 'shift 3; for p; do test -e "$HERE/packages/$p" &&'
                                ' echo "$p installed" || echo "$p not-installed"; done')
        self.stub("id", f"echo {uid}")
        self.stub("sudo", 'shift; echo "sudo $*" >>"$HERE/log"; exec "$@"' if sudo else "exit 1")
        self.stub("apt-get", 'echo "apt-get $*" >>"$HERE/log"\n' + (
            'for p; do case $p in install|update|-*) ;; *) touch "$HERE/packages/$p" ;; esac; done'
            if apt_works else "exit 100"))

    def stub(self, name, body):
        path = self.bin / name
        path.write_text(f"#!/bin/sh\nHERE={self.bin.parent}\n{body}\n")
        path.chmod(0o755)

    def deps(self, *groups):
        done = subprocess.run([DEPS, *groups], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, env={"PATH": f"{self.bin}:/usr/bin:/bin"})
        return done.returncode, done.stdout, done.stderr

    def calls(self):
        return self.log.read_text() if self.log.exists() else ""


ALL = {row[2] for row in rows()}


def test_every_package_has_a_reason():
    assert rows()
    for group, importance, package, reason in rows():
        assert group in ("build", "tour", "check", "bench", "all") and importance in ("need", "want")
        assert package and len(reason) > 5


def test_nothing_is_done_when_all_is_there(tmp_path):
    system = System(tmp_path, ALL)
    assert system.deps() == (0, "", "")
    assert system.calls() == ""


@pytest.mark.parametrize("uid, sudo", [(0, False), (1000, True)])
def test_what_is_missing_is_installed(tmp_path, uid, sudo):
    system = System(tmp_path, ALL - {"meson", "file"}, uid, sudo)
    status, out, err = system.deps("tour")
    assert (status, out, err) == (0, "script/deps: installing meson file \n", "")
    assert "apt-get install -y --no-install-recommends meson file\n" in system.calls()
    assert ("sudo" in system.calls()) == sudo


def test_without_permission_it_says_what_is_missing_and_how(tmp_path):
    system = System(tmp_path, ALL - {"meson"})
    status, out, err = system.deps("build")
    assert (status, out) == (1, "")
    assert "  meson " in err and "(needed)" in err
    assert "sudo apt-get install -y --no-install-recommends meson" in err
    assert system.calls() == ""


def test_it_goes_on_where_only_a_part_is_left_out(tmp_path):
    system = System(tmp_path, ALL - {"file"})
    status, out, err = system.deps("tour")
    assert (status, out) == (0, "")
    assert "  file " in err and "(that part is left out)" in err


def test_a_package_of_another_group_is_not_asked_for(tmp_path):
    system = System(tmp_path, ALL - {"valgrind"})
    assert system.deps("check") == (0, "", "")


def test_when_apt_fails_it_updates_once_and_then_says_so(tmp_path):
    system = System(tmp_path, ALL - {"meson"}, uid=0, apt_works=False)
    status, _, err = system.deps("build")
    assert status == 1 and "(needed)" in err
    assert system.calls().count("apt-get install") == 1
    assert system.calls().count("apt-get update") == 1


def test_an_unknown_group_is_refused(tmp_path):
    status, _, err = System(tmp_path, ALL).deps("everything")
    assert status == 1 and 'unknown group "everything"' in err
