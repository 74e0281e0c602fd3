# SPDX-License-Identifier: MIT
"""A walk over the rows of group TERMIOS: each option is given to a pseudo terminal and read back
by stty -g; what a pseudo terminal cannot be (7 bits, parity) is looked up in the system call."""

import fcntl
import os
import pty
import re
import shutil
import struct
import termios as t

import pytest

from socat_kit import log_lines, socat, together  # noqa: F401

INPUT, OUTPUT, LINE, LOCAL = range(4)  # the flag words, as setflags numbers them
IUCLC, OLCUC, XCASE, CMSPAR_CBAUD, CIBAUD = 0o1000, 0o2, 0o4, 0o10017, 0o10017 << 16

FLAGS = {
    "brkint": (INPUT, t.BRKINT), "icrnl": (INPUT, t.ICRNL), "ignbrk": (INPUT, t.IGNBRK),
    "igncr": (INPUT, t.IGNCR), "ignpar": (INPUT, t.IGNPAR), "imaxbel": (INPUT, t.IMAXBEL),
    "inlcr": (INPUT, t.INLCR), "inpck": (INPUT, t.INPCK), "istrip": (INPUT, t.ISTRIP),
    "iuclc": (INPUT, IUCLC), "ixany": (INPUT, t.IXANY), "ixoff": (INPUT, t.IXOFF),
    "ixon": (INPUT, t.IXON), "parmrk": (INPUT, t.PARMRK),
    "opost": (OUTPUT, t.OPOST), "olcuc": (OUTPUT, OLCUC), "onlcr": (OUTPUT, t.ONLCR),
    "ocrnl": (OUTPUT, t.OCRNL), "onocr": (OUTPUT, t.ONOCR), "onlret": (OUTPUT, t.ONLRET),
    "ofill": (OUTPUT, t.OFILL), "ofdel": (OUTPUT, t.OFDEL), "nldly": (OUTPUT, t.NLDLY),
    "bsdly": (OUTPUT, t.BSDLY), "vtdly": (OUTPUT, t.VTDLY), "ffdly": (OUTPUT, t.FFDLY),
    "cstopb": (LINE, t.CSTOPB), "cread": (LINE, t.CREAD), "parenb": (LINE, t.PARENB),
    "parodd": (LINE, t.PARODD), "hupcl": (LINE, t.HUPCL), "clocal": (LINE, t.CLOCAL),
    "crtscts": (LINE, t.CRTSCTS),
    "isig": (LOCAL, t.ISIG), "icanon": (LOCAL, t.ICANON), "xcase": (LOCAL, XCASE),
    "echo": (LOCAL, t.ECHO), "echoe": (LOCAL, t.ECHOE), "echok": (LOCAL, t.ECHOK),
    "echonl": (LOCAL, t.ECHONL), "echoctl": (LOCAL, t.ECHOCTL), "echoprt": (LOCAL, t.ECHOPRT),
    "echoke": (LOCAL, t.ECHOKE), "flusho": (LOCAL, t.FLUSHO), "noflsh": (LOCAL, t.NOFLSH),
    "tostop": (LOCAL, t.TOSTOP), "pendin": (LOCAL, t.PENDIN), "iexten": (LOCAL, t.IEXTEN),
}
FIELDS = {"nl": (OUTPUT, t.NLDLY, 2), "cr": (OUTPUT, t.CRDLY, 4), "tab": (OUTPUT, t.TABDLY, 4),
          "bs": (OUTPUT, t.BSDLY, 2), "vt": (OUTPUT, t.VTDLY, 2), "ff": (OUTPUT, t.FFDLY, 2)}
NUMBERS = {"crdly": (OUTPUT, t.CRDLY), "tabdly": (OUTPUT, t.TABDLY), "csize": (LINE, t.CSIZE)}
CHARACTERS = {
    "vintr": t.VINTR, "vquit": t.VQUIT, "verase": t.VERASE, "vkill": t.VKILL, "veof": t.VEOF,
    "vtime": t.VTIME, "vmin": t.VMIN, "vswtc": t.VSWTC, "vstart": t.VSTART, "vstop": t.VSTOP,
    "vsusp": t.VSUSP, "veol": t.VEOL, "veol2": t.VEOL2, "vreprint": t.VREPRINT,
    "vdiscard": t.VDISCARD, "vwerase": t.VWERASE, "vlnext": t.VLNEXT,
}
RATES = [int(name[1:]) for name in dir(t) if re.fullmatch(r"B\d+", name)]
OTHERS = """raw sane termios-cfmakeraw termios-rawer termios-setflags ispeed ospeed tiocswinsz
    tiocsctty xtabs cs5 cs6 cs7 cs8""".split()
ALIASES = {
    "tandem": "ixoff", "hup": "hupcl", "crterase": "echoe", "ctlecho": "echoctl",
    "prterase": "echoprt", "crtkill": "echoke", "swtc": "vswtc", "swtch": "vswtc",
    "rprnt": "vreprint", "cfmakeraw": "termios-cfmakeraw", "rawer": "termios-rawer",
    "setflags": "termios-setflags", "winsz": "tiocswinsz", "ctty": "tiocsctty",
    **{name[1:]: name for name in CHARACTERS if name != "vswtc"},
}
# A pseudo terminal has 8 bits, no parity and receives; Debian's C library takes that for an error.
NOT_ON_A_PTY = ["parenb", "parenb=1", "cread=0", "cs5", "cs6", "cs7", "csize=0", "csize=1",
                "csize=2"]


def lowest(mask):
    return mask & -mask


def settings(text):
    """What stty -g tells: four flag words, and the characters."""
    numbers = [int(word, 16) for word in text.strip().split(":")]
    return numbers[:4], numbers[4:]


@pytest.fixture
def ask(socat):
    """The settings of a fresh pseudo terminal to which these options were given."""
    def question(options):
        done = socat.run("-", f"EXEC:stty -g,pty,{options}" if options else "EXEC:stty -g,pty")
        assert (done.status, done.stderr) == (0, ""), options
        return settings(done.stdout)
    return question


def check_all(ask, cases):
    """cases: options to (word, mask, value); all else stays as it is without options."""
    flags, characters = ask("")

    def check(options, word, mask, value):
        expected = list(flags)
        expected[word] = expected[word] & ~mask | value
        assert ask(options) == (expected, characters), options

    cases = [case for case in cases if case[0] not in NOT_ON_A_PTY]
    for i in range(0, len(cases), 8):
        together(*[lambda case=case: check(*case) for case in cases[i:i + 8]])


def test_all_names(socat):
    """The table of this file is the table of the program."""
    text = socat.run("-hhh").stdout
    names = re.findall(r"^ +(\S+)\s+groups=TERMIOS\s", text, re.MULTILINE)
    expected = {*FLAGS, *NUMBERS, *CHARACTERS, *OTHERS, *(f"b{rate}" for rate in RATES)}
    expected |= {f"{field}{i}" for field, (_, _, n) in FIELDS.items() for i in range(n)}
    assert set(names) == expected
    aliases = dict(re.findall(r"^ +(\S+)\s+is an alias for (\S+)$", text, re.MULTILINE))
    assert {name: of for name, of in aliases.items() if of in expected} == ALIASES


def test_flags(ask):
    check_all(ask, [(f"{name}{form}", word, bit, 0 if form == "=0" else bit)
                    for name, (word, bit) in FLAGS.items() for form in ("", "=1", "=0")])


def test_fields(ask):
    cases = [(f"{name}{i}", word, mask, i * lowest(mask))
             for name, (word, mask, n) in FIELDS.items() for i in range(n)]
    cases += [(f"{name}={i}", word, mask, i * lowest(mask))
              for name, (word, mask) in NUMBERS.items() for i in range(4)]
    cases += [("cs8", LINE, t.CSIZE, t.CS8), ("xtabs", OUTPUT, t.TABDLY, t.TABDLY)]
    check_all(ask, cases)


def test_speeds(ask):
    def value(rate):
        return getattr(t, f"B{rate}")
    cases = [(f"b{rate}", LINE, CMSPAR_CBAUD, value(rate)) for rate in RATES]
    # a rate, or the constant, as classic has it
    for number in (9600, value(9600)):
        for name in ("ispeed", "ospeed"):
            cases.append((f"{name}={number}", LINE, CMSPAR_CBAUD, value(9600)))
    # both, in either order
    both = value(1200) << 16 | value(115200)
    for options in ("ispeed=1200,ospeed=115200", "ospeed=115200,ispeed=1200", "b50,ispeed=1200,"
                    "ospeed=115200", "ispeed=1200,b50,ospeed=115200,ispeed=1200"):
        cases.append((options, LINE, CMSPAR_CBAUD | CIBAUD, both))
    cases.append(("ispeed=1200,ospeed=115200,b300", LINE, CMSPAR_CBAUD | CIBAUD, value(300)))
    check_all(ask, cases)


def test_characters(ask):
    flags, characters = ask("")

    def check(name, index, value):
        expected = list(characters)
        expected[index] = value
        assert ask(f"{name}={value}") == (flags, expected), name

    # VTIME and VMIN have their places to themselves in Linux
    cases = [(name, index, value) for name, index in CHARACTERS.items() for value in (0, 3, 255)]
    for i in range(0, len(cases), 8):
        together(*[lambda case=case: check(*case) for case in cases[i:i + 8]])


def test_aliases(ask):
    """A name for another one does what that one does."""
    values = {"hup": "=1", "winsz": "=80:25", "setflags": "=1:0"}
    for alias, name in ALIASES.items():
        if alias in ("ctty",):
            continue
        value = values.get(alias, "=7" if name in CHARACTERS else "")
        assert ask(alias + value) == ask(name + value), alias


def words(inputs, outputs, line, local):
    return [inputs, outputs, line, local]


def test_presets(ask):
    (inputs, outputs, line, local), characters = ask("")
    read_bytes = list(characters)
    read_bytes[t.VMIN], read_bytes[t.VTIME] = 1, 0
    all_input = (t.IGNBRK | t.BRKINT | t.IGNPAR | t.PARMRK | t.INPCK | t.ISTRIP | t.INLCR | t.IGNCR
                 | t.ICRNL | t.IXON | t.IXOFF | IUCLC | t.IXANY | t.IMAXBEL)
    assert ask("setflags=0:0xffff,xcase,raw") == (
        words(0xffff & ~all_input, outputs & ~t.OPOST, line, local & ~(t.ISIG | t.ICANON)),
        read_bytes)
    assert ask("ixoff,parmrk,cfmakeraw") == (
        words((inputs | t.IXOFF) & ~(t.BRKINT | t.ICRNL | t.IXON), outputs & ~t.OPOST, line,
              local & ~(t.ISIG | t.ICANON | t.ECHO | t.ECHONL | t.IEXTEN)), read_bytes)
    assert ask("parmrk,tab3,rawer") == (words(0, 0, line & CMSPAR_CBAUD | t.CREAD | t.CS8, 0),
                                        read_bytes)
    assert ask("rawer,echo,b300") == (words(0, 0, t.B300 | t.CREAD | t.CS8, t.ECHO), read_bytes)
    delays = t.NLDLY | t.CRDLY | t.TABDLY | t.BSDLY | t.VTDLY | t.FFDLY
    assert ask(f"vmin=9,setflags=0:0x{0xffff & ~(t.BRKINT | t.ICRNL | t.IMAXBEL):x},"
               f"setflags=1:0x{delays | OLCUC | t.OCRNL | t.ONOCR | t.ONLRET | t.OFDEL:x},"
               f"setflags=3:0x{t.ECHONL | t.NOFLSH | XCASE | t.TOSTOP | t.ECHOPRT:x},sane")[0] == (
        words(0xffff & ~(t.IGNBRK | t.INLCR | t.IGNCR | t.IXOFF | IUCLC | t.IXANY),
              t.OPOST | t.ONLCR, line, t.ISIG | t.ICANON | t.IEXTEN | t.ECHO | t.ECHOE | t.ECHOK
              | t.ECHOCTL | t.ECHOKE))
    assert ask("setflags=3:0x8")[0][LOCAL] == 8
    assert ask("echo=0,sane,echo=0")[0][LOCAL] & t.ECHO == 0  # in the order given
    assert ask("echo=0,sane")[0][LOCAL] & t.ECHO


def test_window_size(socat):
    def size(options):
        done = socat.run("-", f"EXEC:stty size,pty,{options}")
        return done.status, done.stdout.strip(), log_lines(done.stderr)

    assert size("winsz=177:37") == (0, "37 177", [])
    assert size("tiocswinsz=0x10:010") == (0, "8 16", [])
    status, text, log = size("winsz=70000:-1")
    assert (status, text) == (0, "0 65535")
    assert log == ['W option "winsz": 70000 is out of range, using 65535',
                   'W option "winsz": -1 is out of range, using 0']


def sent(socat, folder, options):
    """The c_cflag words of all tcsetattr calls, as the system call has them."""
    if not shutil.which("strace"):
        pytest.skip("needs strace")
    trace = folder / f"trace-{options.replace('=', '-')}"
    done = socat.commands.run(["strace", "-qq", "-X", "raw", "-e", "trace=ioctl", "-o", trace,
                               socat.program(), "-u", "/dev/null", f"PTY,{options}"],
                              env={"LSAN_OPTIONS": "detect_leaks=0"})  # not while traced
    calls = re.findall(r"^ioctl\(\d+, (0x\w+), \{.*?c_cflag=([\w|]+)", trace.read_text(), re.M)
    set_now, set_drained, set_flushed = 0x5402, 0x5403, 0x5404
    calls = [(int(request, 16), sum(int(part or "0", 16) for part in word.split("|")))
             for request, word in calls]
    assert all(request not in (set_now, set_flushed) for request, _ in calls)
    return done, [word for request, word in calls if request == set_drained]


@pytest.mark.parametrize("options, mask, value", [
    ("parenb", t.PARENB, t.PARENB), ("cread=0", t.CREAD, 0), ("cs5", t.CSIZE, t.CS5),
    ("cs6", t.CSIZE, t.CS6), ("cs7", t.CSIZE, t.CS7), ("csize=0", t.CSIZE, t.CS5),
    ("csize=1", t.CSIZE, t.CS6), ("csize=2", t.CSIZE, t.CS7)])
def test_not_on_a_pty(socat, tmp_path, options, mask, value):
    done, words = sent(socat, tmp_path, options)
    assert len(words) == 1 and words[0] & mask == value
    if done.status:
        assert re.fullmatch(r"E tcsetattr\(\d+, TCSADRAIN\): Invalid argument",
                            "\n".join(log_lines(done.stderr)))


def test_one_call_for_all(socat, tmp_path):
    """What belongs together is set together, once the output is drained; and only if asked for."""
    done, words = sent(socat, tmp_path, "raw,echo=0,b9600,clocal,vmin=4,perm=600,winsz=80:25")
    assert done.status == 0
    assert len(words) == 1
    assert words[0] & CMSPAR_CBAUD == t.B9600 and words[0] & t.CLOCAL
    assert sent(socat, tmp_path, "perm=600")[1] == []
    assert sent(socat, tmp_path, "winsz=80:25")[1] == []


NOT_A_TERMINAL = [f"-,{option}" for option in
                  ["echo=0", "raw", "sane", "rawer", "cfmakeraw", "b9600", "cs8", "csize=3",
                   "ispeed=13", "ospeed=13", "vmin=1", "tab0"]]


@pytest.mark.parametrize("address", NOT_A_TERMINAL + ["/dev/null,echo=0", "EXEC:true,echo=0",
                                                      "EXEC:true,pipes,echo=0"])
def test_not_a_terminal(socat, address):
    for done in socat.both(address, "PIPE"):
        assert done.status == 1
        assert re.fullmatch(r"E tcgetattr\(\d+.*\).*: Inappropriate ioctl for device",
                            "\n".join(log_lines(done.stderr, "E")))


@pytest.mark.parametrize("option, message", [
    ("crdly=4", r'option "?crdly"?: invalid value 4.*'),
    ("tabdly=4", r'option "?tabdly"?: invalid value 4.*'),
    ("csize=4", r'option "?csize"?: invalid value 4.*'),
    ("ispeed=9601", r"cfsetispeed\(.*9601\).*: Invalid argument"),
    ("ospeed=9601", r"cfsetospeed\(.*9601\).*: Invalid argument"),
    ("ispeed=b19200", r'parseopts\(\): missing numerical value of option "ispeed=b19200"'),
    ("ispeed=19200B", r'(parseopts\(\): )?trailing garbage in numerical arg of option "ispeed.*'),
    ("raw=1", r'no value permitted for option "raw"'),
    ("b9600=1", r'no value permitted for option "b9600"'),
])
def test_bad_values(socat, option, message):
    for done in socat.both("/dev/null", f"PTY,{option}"):
        assert done.status == 1
        assert re.fullmatch("E " + message, "\n".join(log_lines(done.stderr, "E")))


@pytest.mark.parametrize("option, message", [
    ("setflags=4:0", 'option "setflags": no flag word 4: '),
    ("setflags=-1:0", 'option "setflags": no flag word -1: '),
    ("setflags=1", 'option "setflags": missing ":"'),
    ("winsz=80", 'option "winsz": missing ":"'),
    ("vmin=256", 'option "vmin": value 256 is out of range'),
])
def test_bad_values_ours(socat, option, message):
    done = socat.run("/dev/null", f"PTY,{option}")
    assert done.status == 1
    lines = log_lines(done.stderr)
    assert len(lines) == 1 and message in lines[0]


@pytest.fixture
def terminal():
    """Two ends of a terminal."""
    ends = pty.openpty()
    yield ends
    for fd in ends:
        os.close(fd)


def test_file_and_descriptor(socat, terminal):
    """A terminal that is opened by name, or inherited, gets the options and has its settings
    back at the end."""
    ours, its = terminal
    before = t.tcgetattr(its)
    options = "b115200,raw,echo=0,ispeed=1200,ospeed=115200,vmin=7"
    for address, more in [(f"FILE:{os.ttyname(its)}", {}), (f"GOPEN:{os.ttyname(its)}", {}),
                          (f"FD:{its}", {"pass_fds": [its]}), ("STDIN", {"stdin": its})]:
        running = socat.start("-dd", "-u", f"{address},{options}", "STALL", **more)
        running.wait_line("starting data transfer")
        now = t.tcgetattr(its)
        assert now[LOCAL] & (t.ECHO | t.ICANON) == 0
        assert now[6][t.VMIN] == 7
        rates = struct.unpack("II", fcntl.ioctl(its, 0x802C542A, bytes(44))[36:])  # TCGETS2
        assert rates == (1200, 115200)
        running.signal(15)
        assert t.tcgetattr(its) == before


def test_both_of_stdio(socat, terminal):
    """Options of - go to both descriptors; both must be terminals."""
    ours, its = terminal
    other_ours, other = pty.openpty()
    before = t.tcgetattr(its)
    running = socat.start("-dd", "-,echo=0,veof=6", "STALL", stdin=its, stdout=other)
    running.wait_line("starting data transfer")
    for fd in (its, other):
        now = t.tcgetattr(fd)
        assert now[LOCAL] & t.ECHO == 0 and now[6][t.VEOF] == b"\6"
    running.signal(15)
    assert t.tcgetattr(its) == t.tcgetattr(other) == before
    for done in socat.both("-,echo=0", "PIPE", stdin=its):  # stdout is a pipe
        assert done.status == 1
        assert re.match(r"E tcgetattr\(1\b", log_lines(done.stderr, "E")[0])
    assert t.tcgetattr(its) == before
    for fd in (other_ours, other):
        os.close(fd)


def test_options_stay_with_their_address(socat, terminal):
    ours, its = terminal
    before = t.tcgetattr(its)
    done = socat.run("-dd", "-U", "-,b9600", "EXEC:stty -g,pty,veof=9", stdin=its)
    assert done.status != 0  # stdout of this run is no terminal: no half is set
    running = socat.start("-dd", "-,b9600", "SYSTEM:stty -g; read x,pty,veof=9", stdin=its,
                          stdout=its)
    running.wait_line("starting data transfer")
    text = b""
    while b"\n" not in text:
        text += os.read(ours, 1000)
    flags, characters = settings(text.decode())
    assert characters[t.VEOF] == 9 and flags[LINE] & CMSPAR_CBAUD == t.B38400
    now = t.tcgetattr(its)
    assert now[LINE] & CMSPAR_CBAUD == t.B9600 and now[6][t.VEOF] == before[6][t.VEOF]
    running.signal(15)
    assert t.tcgetattr(its) == before


def test_sloppy(socat):
    """-s: what fails is reported, the rest goes on."""
    done = socat.run("-s", "-,echo=0,raw", "EXEC:echo hi")
    assert done.status == 0 and done.stdout == "hi\n"
    assert len(log_lines(done.stderr, "E")) == 4  # two options, two descriptors
