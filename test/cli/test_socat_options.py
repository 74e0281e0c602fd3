# SPDX-License-Identifier: MIT
"""socat's command line: options right and wrong, block size, idle times, directions."""

import re
import subprocess

import pytest

from socat_kit import log_lines, socat, together, without_prefix  # noqa: F401

WRONG = [
    (["-z", "-", "-"], 'E unknown option "-z"; use option "-h" for help'),
    (["--nonsense", "-", "-"], 'E unknown option "--nonsense"; use option "-h" for help'),
    (["-b"], 'E option -b requires an argument; use option "-h" for help'),
    (["-lf"], 'E option -lf requires an argument; use option "-h" for help'),
    (["-lp"], 'E option -lp requires an argument; use option "-h" for help'),
    (["-"], 'E exactly 2 addresses required (there are 1); use option "-h" for help'),
    ([], 'E exactly 2 addresses required (there are 0); use option "-h" for help'),
    (["-", "-", "-"], 'E exactly 2 addresses required (there are 3); use option "-h" for help'),
    (["-u", "-U", "-", "-"], "E -U and -u must not be combined"),
    (["-L", "a", "-W", "b", "-", "-"], "E only one -L and -W option allowed"),
    (["-b", "-", "-"], "missing numerical value"),
    (["-b", "12x", "-", "-"], "trailing garbage"),
    (["-b", "9223372036854775808", "-", "-"], "buffer size option (-b) to big"),
    (["-t", "x", "-", "-"], "E "),
    (["-lynothing", "-", "-"], "E unknown syslog facility"),
    (["-lf", "/no/such/folder/log", "-", "-"], "E cannot open log file"),
]
MERGED = [("-uv", '"-u -v" instead of "-uv"'), ("-vx", '"-v -x" instead of "-vx"')]


@pytest.mark.parametrize("arguments, text", WRONG, ids=lambda v: None if isinstance(v, str)
                         else " ".join(v) or "nothing")
def test_wrong_option(socat, arguments, text):
    done = socat.run(*arguments)
    assert done.status == 1 and done.stdout == ""
    errors = log_lines(done.stderr, "E")
    assert len(errors) == 1 and text in errors[0]
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("word, text", MERGED)
def test_letters_are_not_merged(socat, word, text):
    for done in socat.both(word, "-", "-"):
        assert done.status == 1
        if done.stderr.startswith("20"):  # 1.7 prints its usage instead
            assert f"Do not merge single character options, i.e. use {text}" in done.stderr
    assert "Do not merge single" in socat.run(word, "-", "-").stderr


@pytest.mark.parametrize("first", ["-", "-,ignoreeof=0", "-!!-", "STDIO", "stdio", "StdIO"])
def test_words_that_begin_an_address(socat, first):
    done = socat.run("-u", first, "CREATE:/dev/stdout", input=b"x")
    assert (done.status, done.stdout) == (0, "x")


@pytest.mark.parametrize("attached", [True, False])
def test_arguments_attached_or_next(socat, attached, tmp_path):
    log = tmp_path / "log"
    pairs = [("-t", "0.1"), ("-T", "5"), ("-b", "0x10"), ("-lp", "other"), ("-lf", str(log))]
    words = [a + b for a, b in pairs] if attached else [word for pair in pairs for word in pair]
    done = socat.run("-dd", *words, "-u", "-", "-", input=b"a" * 40)
    assert (done.status, done.stdout, done.stderr) == (0, "a" * 40, "")
    assert re.search(r"^\S+ \S+ other\[\d+\] N ", log.read_text(), re.MULTILINE)


def test_block_size(socat):
    """-b is the size of one read: 100 bytes in tens are ten blocks."""
    for done in socat.both("-ddd", "-b10", "-u", "-", "-", input=b"y" * 100):
        assert len(re.findall(r" I transferred 10 bytes from 0 to 1", done.stderr)) == 10
        assert done.stdout == "y" * 100


def test_block_size_in_all_notations(socat):
    for size in ["010", "0x8", "8"]:
        done = socat.run("-ddd", "-b", size, "-u", "-", "-", input=b"z" * 16)
        assert done.stderr.count("transferred 8 bytes") == 2


@pytest.mark.parametrize("option, out", [("-u", "left"), ("-U", "right")])
def test_one_direction(socat, option, out, tmp_path):
    (tmp_path / "left").write_text("left")
    (tmp_path / "right").write_text("right")
    for done in socat.both(option, "SYSTEM:cat left -" if option == "-u" else "-",
                           "-" if option == "-u" else "SYSTEM:cat right -", cwd=tmp_path):
        assert (done.status, done.stdout) == (0, out)


@pytest.mark.parametrize("levels, letters", [
    ([], "W"), (["-d0"], ""), (["-d"], "W"), (["-d1"], "W"), (["-d2"], "WN"), (["-dd"], "WN"),
    (["-d", "-d"], "WN"), (["-ddd"], "WNI"), (["-d3"], "WNI"), (["-dddd"], "WNID"),
    (["-d4"], "WNID"), (["-d1", "-dd"], "WNI"), (["-d0", "-d"], "W")])
def test_levels(socat, levels, letters):
    """What is shown of a transfer that has something to say at each level."""
    done = socat.run(*levels, "-u", "STDIN!!STDOUT", "STDOUT", input=b"x")
    assert {line[0] for line in log_lines(done.stderr, "FEWNID")} == set(letters)


def test_levels_beside_original(socat):
    """The same -d shows notices in both; 1.7 does not know -d2."""
    for option, sees in [("-d", False), ("-dd", True)]:
        for done in socat.both(option, "-u", "-", "-", input=b"x"):
            assert (" N starting data transfer loop with FDs [0,0] and [1,1]" in done.stderr
                    or " N starting data transfer loop" in done.stderr) == sees


def test_idle_limit(socat):
    """-T ends a silent transfer with 0 and a notice."""
    def silent(who):
        running = socat.start("-dd", "-T", "0.2", "-", "PIPE", who=who)
        running.wait_line(r" N inactivity timeout triggered$")
        return running.process.wait(timeout=30)

    assert together(lambda: silent("ours"), lambda: silent("original")) == [0, 0]


def test_idle_limit_starts_again_with_data(socat):
    """Data keeps a transfer alive that is much longer than -T altogether."""
    running = socat.start("-T", "0.5", "-u",
                          "SYSTEM:for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done",
                          "-")
    assert running.end().stdout.split() == ["1", "2", "3", "4", "5", "6"]


def test_closing_wait_is_idle_time(socat):
    """-t counts silence after the first end: a program that goes on talking is heard out."""
    def run(who):
        return socat.run("-t", "0.5", "-",
                         "SYSTEM:cat >/dev/null; for i in 1 2 3 4; do sleep 0.25; "
                         "echo $i; done", who=who).stdout.split()

    ours, theirs = together(lambda: run("ours"), lambda: run("original"))
    assert ours == theirs == ["1", "2", "3", "4"]


@pytest.mark.parametrize("wait", ["0", "0.1"])
def test_closing_wait_gives_up(socat, wait):
    done = socat.run("-t", wait, "-", "SYSTEM:cat >/dev/null; exec sleep 20")
    assert (done.status, done.stdout) == (0, "")


def test_later_closing_wait_wins(socat):
    done = socat.run("-t20", "-t", "0.1", "-", "SYSTEM:cat >/dev/null; exec sleep 20")
    assert (done.status, done.stdout) == (0, "")


def test_any_group(socat):
    """-g: an option of a foreign group is no error any more."""
    wrong = socat.run("-u", "-,backlog=3", "-", input=b"x")
    assert wrong.status == 1
    assert log_lines(wrong.stderr, "E")[0].startswith(
        'E parseopts_table(): option "backlog" not supported with this address type')
    right = socat.run("-g", "-u", "-,backlog=3", "-", input=b"x")
    assert (right.status, right.stdout) == (0, "x")


def test_sloppy(socat, tmp_path):
    """-s: an option that fails is told and skipped; an address that fails gives 255."""
    path = tmp_path / "missing"
    for done in socat.both("-s", "-u", f"OPEN:{path}", "-"):
        assert done.status == 255
        assert len(log_lines(done.stderr, "E")) >= 1
    done = socat.run("-s", "-u", "-", f"CREATE:{tmp_path}/a,f-setlk-rd", input=b"data")
    assert (tmp_path / "a").read_text() == "data"


@pytest.mark.parametrize("mistake", ["foo", "cr=1", "append=x", "perm", "user=no-such-user"])
def test_sloppy_about_mistakes(socat, tmp_path, mistake):
    """What is no option, or has no value, is told and left out; those beside it hold."""
    (tmp_path / "file").write_text("0123456789")
    for done in socat.both("-s", "-u", f"OPEN:{tmp_path}/file,{mistake},seek=7", "-"):
        assert (done.status, done.stdout) == (0, "789"), done
    assert len(log_lines(done.stderr, "E")) == 1
    assert socat.run("-u", f"OPEN:{tmp_path}/file,{mistake},seek=7", "-").status == 1


def test_describe(socat):
    """-D: the descriptors of both addresses, in filan's words, once each."""
    done = socat.run("-D", "-u", "/dev/null", "-", stdin=subprocess.DEVNULL)
    lines = done.stderr.splitlines()
    assert lines[0].split()[:2] == ["FD", "type"]
    assert [line.split()[1] for line in lines[1:]] == ["chrdev", "pipe"]
    assert done.status == 0


def test_wait_before_transfer(socat):
    """SOCAT_TRANSFER_WAIT: the queue fills before the loop begins; SOCAT_MAIN_WAIT empty: none."""
    env = {"SOCAT_TRANSFER_WAIT": "1", "SOCAT_MAIN_WAIT": ""}
    running = socat.start("-ddd", "-u", "-", "-", env=env)
    running.process.stdin.write(b"one")
    running.process.stdin.flush()
    running.process.stdin.write(b"two")
    done = running.end()
    assert done.stdout == "onetwo"
    assert "transferred 6 bytes" in done.stderr


def test_ip_version_for_listening(socat):
    """-4, -6, -0, SOCAT_DEFAULT_LISTEN_IP and pf: who decides the family of the wildcard."""
    cases = [(["-4"], {}, "", "AF=2 0.0.0.0:"),
             (["-6"], {}, "", "AF=10 "),
             ([], {}, "", "AF=2 0.0.0.0:"),
             ([], {"SOCAT_DEFAULT_LISTEN_IP": "6"}, "", "AF=10 "),
             (["-4"], {"SOCAT_DEFAULT_LISTEN_IP": "6"}, "", "AF=2 "),
             (["-6"], {}, ",pf=ip4", "AF=2 "),
             (["-4"], {"SOCAT_DEFAULT_LISTEN_IP": "4"}, ",pf=ip6", "AF=10 ")]

    def listen(case, who):
        options, env, more, text = case
        running = socat.start("-dd", *options, f"TCP-LISTEN:0{more},accept-timeout=0.01", "-",
                              who=who,
                              env=env)
        done = running.end()
        assert done.status == 0
        assert f" N listening on {text}" in done.stderr, (case, who, done.stderr)

    together(*[lambda case=case, who=who: listen(case, who)
               for case in cases for who in ["ours", "original"]])


def test_statistics(socat):
    done = socat.run("--statistics", "-", "PIPE", input=b"abc")
    lines = log_lines(done.stderr, "WI")
    assert lines == ["W statistics are experimental",
                     "I STATISTICS: left to right: 1 packets(s), 3 byte(s)",
                     "I STATISTICS: right to left: 1 packets(s), 3 byte(s)"]
    done = socat.run("--experimental", "--statistics", "-u", "-", "-", input=b"abc")
    assert log_lines(done.stderr, "WI") == ["I STATISTICS: left to right: 1 packets(s), 3 byte(s)"]


def test_messages_of_a_simple_run(socat):
    """-dd of a small transfer, line by line beside 1.7; process ids apart."""
    def notices(done):
        text = without_prefix(done.stderr)
        return [re.sub(r"\bFDs.*", "FDs", line) for line in text.splitlines()
                if line.startswith("N ") and "socat by" not in line]

    theirs, ours = socat.both("-dd", "-u", "/dev/null", "-")
    assert notices(ours) == notices(theirs)
