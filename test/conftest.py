# SPDX-License-Identifier: MIT
"""What all end-to-end tests share: our tools, processes with a time limit,
network namespaces, and waiting for events instead of time.

    run(["socat", "-V"])            runs to its end, gives status, stdout, stderr
    start(["socat", ...])           a background process, ended with the test
    tools / "socat"                 the path of our own tool
    netns.run([...]), netns.start([...]), netns.enter([...])   the same inside a namespace
    own_network                     the test itself is inside one
    wait_for(question)              until question() is true, else the test fails
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
BUILD = (TOP / os.environ.get("SOCKBOX_BUILD", "build")).resolve()
SOCKBOX = BUILD / "src" / "sockbox"
LIMIT = 30  # seconds after which a process or an event counts as lost

# A shell starts what is in its background, and nohup what it starts, with these ignored; programs
# inherit that, and the tests send them.
for signo in [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT]:
    if signal.getsignal(signo) == signal.SIG_IGN:
        signal.signal(signo, signal.default_int_handler if signo == signal.SIGINT else signal.SIG_DFL)


def wait_for(question, what="the event", limit=LIMIT):
    """Asks until the answer is true, and returns it."""
    deadline = time.monotonic() + limit
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not come within {limit} s")
        time.sleep(0.01)


class Result:
    """How a command ended.  stdout and stderr are text, raw_* bytes."""

    def __init__(self, status, stdout, stderr):
        self.status = self.returncode = status
        self.raw_stdout, self.raw_stderr = stdout, stderr
        self.stdout = stdout.decode("utf-8", "surrogateescape")
        self.stderr = stderr.decode("utf-8", "surrogateescape")

    def __repr__(self):
        return f"status {self.status}, stdout {self.stdout!r}, stderr {self.stderr!r}"


class Commands:
    """Runs and starts commands with our tools first in PATH; ends what it started."""

    def __init__(self, path, prefix=()):
        self.path, self.prefix, self.started = path, list(prefix), []

    def environment(self, env):
        # A place that runs tests unattended has no SHELL of a login.
        return {"SHELL": "/bin/sh", **os.environ, "LC_ALL": "C", "PATH": self.path, **(env or {})}

    def argv(self, command):
        return self.prefix + [str(word) for word in command]

    def run(self, command, input=b"", env=None, timeout=LIMIT, **more):
        """Runs to the end; a command that does not end is killed and fails the test."""
        if isinstance(input, str):
            input = input.encode()
        if "stdin" not in more:
            more["input"] = input
        done = subprocess.run(self.argv(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.environment(env), timeout=timeout, **more)
        return Result(done.returncode, done.stdout, done.stderr)

    def start(self, command, env=None, **more):
        """A background process in a group of its own; stdin is a pipe, stdout and stderr too."""
        for stream in ["stdin", "stdout", "stderr"]:
            more.setdefault(stream, subprocess.PIPE)
        process = subprocess.Popen(self.argv(command), env=self.environment(env),
                                   start_new_session=True, **more)
        self.started.append(process)
        return process

    def close(self):
        for process in self.started:
            end_group(process)


def end_group(process):
    """Ends a process that start() began, with everything in its group, and reaps it."""
    for signo in [signal.SIGTERM, signal.SIGKILL]:
        try:
            os.killpg(process.pid, signo)
        except ProcessLookupError:
            pass
        try:
            process.wait(timeout=2)
            break
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    for stream in [process.stdin, process.stdout, process.stderr]:
        if stream:
            try:
                stream.close()
            except BrokenPipeError:
                pass


@pytest.fixture(scope="session")
def sockbox():
    """The program itself."""
    if not SOCKBOX.exists():
        pytest.exit(f"{SOCKBOX} is not built: make", 2)
    return SOCKBOX


@pytest.fixture(scope="session")
def tools(sockbox, tmp_path_factory):
    """A folder in which socat, nc, ss, ... and sockbox are links to our program."""
    folder = tmp_path_factory.mktemp("tools")
    subprocess.run([sockbox, "links", folder], check=True)
    (folder / "sockbox").symlink_to(sockbox)
    return folder


@pytest.fixture(scope="session")
def our_path(tools):
    """A PATH with our tools first."""
    return f"{tools}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture
def commands(our_path):
    c = Commands(our_path)
    yield c
    c.close()


@pytest.fixture
def run(commands):
    return commands.run


@pytest.fixture
def start(commands):
    return commands.start


def original(name):
    """The path of Debian's own tool; skips the test where it is not installed."""
    path = shutil.which(name, path="/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    if not path:
        pytest.skip(f"the original {name} is not installed")
    return path


# The process that keeps a namespace open until its stdin closes.
HOLDER = "ip link set lo up && echo ready && exec cat"

# Before that: an empty /tmp.  The build folder ($0) is opened before the new /tmp may cover it,
# and then bound to its old place.
PRIVATE_TMP = """cd / && exec 3<"$0" && mount -t tmpfs tmpfs /tmp && chmod 1777 /tmp &&
    { test -e "$0" || { mkdir -p "$0" &&
        mount --no-canonicalize --bind /proc/self/fd/3 "$0"; }; } && exec 3<&- && """


class Namespace(Commands):
    """A network namespace of its own with lo up, and commands inside it; private_tmp gives it
    a /tmp of its own as well."""

    def __init__(self, path, private_tmp=False):
        kinds = ["--net"] + (["--mount"] if private_tmp else [])
        user = [] if os.geteuid() == 0 else ["--user"]
        script = (PRIVATE_TMP if private_tmp else "") + HOLDER
        self.holder = subprocess.Popen(
            ["unshare", *kinds, *user, *(["--map-root-user"] if user else []),
             "--", "sh", "-c", script, BUILD],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.holder.stdout.readline() != b"ready\n":
            reason = self.holder.communicate()[1].decode().strip()
            pytest.skip(f"namespaces are not permitted here: {reason}")
        if user:
            user.append("--preserve-credentials")
        if private_tmp:
            kinds += ["--root", "--wd"]  # the holder's, for tests that run in a chroot
        super().__init__(path, ["nsenter", f"--target={self.holder.pid}", *kinds, *user, "--"])

    @property
    def net(self):
        """The /proc/net of the namespace."""
        return Path(f"/proc/{self.holder.pid}/net")

    def enter(self, command):
        """The command line that runs command inside."""
        return self.argv(command)

    def close(self):
        super().close()
        self.holder.communicate()


def namespace(path, **how):
    if not shutil.which("unshare") or not shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        pytest.skip("needs unshare (util-linux) and ip (iproute2)")
    space = Namespace(path, **how)
    try:
        yield space
    finally:
        space.close()


@pytest.fixture
def netns(our_path):
    yield from namespace(our_path)


@pytest.fixture(scope="session")
def own_mounts():
    """Skips where nobody may have mounts of his own, as below a chroot."""
    done = subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.PIPE, check=False)
    if done.returncode:
        pytest.skip(f"no mount namespaces here: {done.stderr.decode()}")


CLONE_NEWNET = 0x40000000  # setns(2)


@pytest.fixture
def own_network():
    """Takes the test itself into a network namespace of its own, where no late packet of another
    test reaches its ports.  Where that is not permitted it stays."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as before:
        moved = libc.unshare(CLONE_NEWNET) == 0
        if moved:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        yield
        if moved:
            assert libc.setns(before.fileno(), CLONE_NEWNET) == 0


def private_namespace():
    """A network namespace and an empty /tmp, for the paths, ports and addresses of the
    tutorial.  Our tools lie in /tmp/tools."""
    system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    with contextlib.contextmanager(namespace)(f"/tmp/tools:{system}", private_tmp=True) as space:
        assert space.run([SOCKBOX, "links", "/tmp/tools"]).status == 0
        space.run(["ip", "address", "add", "10.0.100.52/32", "dev", "lo"])
        yield space


@pytest.fixture
def private(sockbox):
    yield from private_namespace()


@pytest.fixture(scope="module")
def privates_for_module(sockbox):
    """Two of them: what one run leaves in TIME_WAIT does not disturb the other."""
    private = contextlib.contextmanager(private_namespace)
    with private() as first, private() as second:
        yield first, second


TCP_LISTEN, UDP_UNCONNECTED = "0A", "07"
UNIX_DATAGRAM, UNIX_ACCEPTS = "0002", 0x10000  # the columns Type and Flags of /proc/net/unix


def port_listens(kind, port, net=Path("/proc/net")):
    """Does something listen (tcp, tcp6) or is bound and unconnected (udp, udp6) on the port?"""
    state = TCP_LISTEN if kind.startswith("tcp") else UDP_UNCONNECTED
    for line in (net / kind).read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == state and int(fields[1].rpartition(":")[2], 16) == port:
            return True
    return False


def unix_listens(path, net=Path("/proc/net")):
    """Does a UNIX socket listen on the path (or @name), or, for datagrams, is one bound to it?"""
    for line in (net / "unix").read_text().splitlines()[1:]:
        fields = line.split(None, 7)
        if fields[7:] == [str(path)] and (fields[4] == UNIX_DATAGRAM
                                          or int(fields[3], 16) & UNIX_ACCEPTS):
            return True
    return False


class Listener:
    """Waits until something listens: a port (kind tcp, tcp6, udp, udp6) or a UNIX path."""

    @staticmethod
    def port(port, kind="tcp", net=Path("/proc/net")):
        wait_for(lambda: port_listens(kind, port, net), f"a listener on {kind} port {port}")

    @staticmethod
    def path(path, net=Path("/proc/net")):
        wait_for(lambda: unix_listens(path, net), f"a socket bound to {path}")


@pytest.fixture
def listener():
    return Listener


@pytest.fixture
def free_port():
    """Asks the kernel for a TCP or UDP port that is free on both IPv4 and IPv6."""
    import socket

    def ask(kind="tcp"):
        type = socket.SOCK_STREAM if kind.startswith("tcp") else socket.SOCK_DGRAM
        with socket.socket(socket.AF_INET, type) as s:
            s.bind(("", 0))
            return s.getsockname()[1]
    return ask
