# SPDX-License-Identifier: MIT
"""Libraries are loaded when an address needs them: others start without, and work without."""

import pytest

# The address that needs it, what the sentence calls it.
LIBRARIES = {
    "libssl.so.3": ("OPENSSL:localhost:1", "TLS"),
    "libedit.so.2": ("READLINE", "READLINE"),
}


def test_the_loader_finds_none_of_them(run, sockbox):
    loaded = run([sockbox], env={"LD_TRACE_LOADED_OBJECTS": "1"}).stdout
    assert "libc." in loaded or "musl" in loaded
    for name in ["libssl", "libcrypto", "libedit", "libbpf", "libelf"]:
        assert name not in loaded


@pytest.fixture(params=LIBRARIES)
def broken(request, run, tools, tmp_path):
    """The name of a library, and an environment in which it is none."""
    keyword = LIBRARIES[request.param][0].partition(":")[0]
    if keyword not in run([tools / "socat", "-h"]).stdout.upper().replace(":", " ").split():
        pytest.skip(f"built without {keyword}")
    (tmp_path / request.param).write_text("no library\n" * 100)
    return request.param, {"LD_LIBRARY_PATH": str(tmp_path)}


def test_what_is_missing_is_said_by_whoever_needs_it(run, tools, broken, tmp_path):
    name, env = broken
    address, purpose = LIBRARIES[name]
    r = run([tools / "socat", "-", address], env=env)
    assert (r.status, r.stdout, r.stderr.count("\n")) == (1, "", 1)
    assert f" E {purpose} needs {tmp_path / name}: " in r.stderr


def test_others_need_nothing(run, tools, broken):
    r = run([tools / "socat", "-", "PIPE"], input="hello\n", env=broken[1])
    assert (r.status, r.stdout, r.stderr) == (0, "hello\n", "")
