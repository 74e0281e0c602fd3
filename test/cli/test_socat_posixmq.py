# SPDX-License-Identifier: MIT
"""POSIXMQ-*: the facts of classic 1.8 (Debian's 1.7 has no message queues), seen from the other end
of the queue by mq_open(3) and its like."""

import ctypes
import os
import re
import signal
import stat
import uuid

import pytest

from conftest import wait_for
from socat_kit import log_lines, socat  # noqa: F401

LIBC = ctypes.CDLL("libc.so.6", use_errno=True)
ALL = ["POSIXMQ-BIDIRECTIONAL", "POSIXMQ", "POSIXMQ-READ", "POSIXMQ-RECEIVE", "POSIXMQ-RECV", "POSIXMQ-SEND",
       "POSIXMQ-WRITE"]
SENDING = ["POSIXMQ-SEND", "POSIXMQ-WRITE", "POSIXMQ", "POSIXMQ-BIDIRECTIONAL"]
READING = ["POSIXMQ-READ", "POSIXMQ", "POSIXMQ-BIDIRECTIONAL"]


class Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in
                ["flags", "maxmsg", "msgsize", "curmsgs", "r1", "r2", "r3", "r4"]]


class Queue:
    """A queue as another program sees it."""

    def __init__(self, name):
        self.name = name

    def exists(self):
        fd = LIBC.mq_open(self.name.encode(), os.O_RDONLY)
        if fd >= 0:
            os.close(fd)
        return fd >= 0

    def open(self, create=False, maxmsg=10, msgsize=8192):
        wanted = Attributes(maxmsg=maxmsg, msgsize=msgsize)
        fd = LIBC.mq_open(self.name.encode(), os.O_RDWR | os.O_NONBLOCK | (os.O_CREAT if create else 0),
                          0o600, ctypes.byref(wanted))
        assert fd >= 0, os.strerror(ctypes.get_errno())
        return fd

    def create(self, **sizes):
        os.close(self.open(create=True, **sizes))

    def attributes(self):
        fd, got = self.open(), Attributes()
        assert LIBC.mq_getattr(fd, ctypes.byref(got)) == 0
        os.close(fd)
        return got

    def status(self):
        fd = self.open()
        got = os.fstat(fd)
        os.close(fd)
        return got

    def send(self, *messages):
        fd = self.open()
        for data, priority in messages:
            assert LIBC.mq_send(fd, data, len(data), priority) == 0, os.strerror(ctypes.get_errno())
        os.close(fd)

    def drain(self):
        """All messages: (data, priority)."""
        fd, room, priority, found = self.open(), ctypes.create_string_buffer(65536), ctypes.c_uint(), []
        while (n := LIBC.mq_receive(fd, room, 65536, ctypes.byref(priority))) >= 0:
            found.append((room.raw[:n], priority.value))
        os.close(fd)
        return found


def read_exactly(running, count):
    data = b""
    while len(data) < count:
        data += os.read(running.process.stdout.fileno(), count - len(data))
    return data


@pytest.fixture
def queue():
    found = Queue(f"/sockbox-test-{uuid.uuid4()}")
    yield found
    LIBC.mq_unlink(found.name.encode())


@pytest.mark.parametrize("keyword", SENDING)
def test_write(socat, queue, keyword):
    done = socat.run("-u", "-", f"{keyword}:{queue.name}", input=b"hello\n")
    assert (done.status, done.stdout, done.stderr) == (0, "", "")
    assert queue.drain() == [(b"hello\n", 0)]


@pytest.mark.parametrize("keyword", READING)
def test_read_all(socat, queue, keyword):
    """By priority, oldest first, and never an end."""
    queue.create()
    queue.send((b"low,", 1), (b"first,", 7), (b"second,", 7))
    running = socat.start("-u", f"{keyword}:{queue.name}", "-")
    assert read_exactly(running, 17) == b"first,second,low,"
    queue.send((b"later", 0))
    assert read_exactly(running, 5) == b"later"
    assert running.signal(signal.SIGTERM).status == 143


@pytest.mark.parametrize("keyword", ["POSIXMQ-RECEIVE", "POSIXMQ-RECV"])
def test_receive_one(socat, queue, keyword):
    queue.create()
    queue.send((b"one", 3), (b"two", 2))
    done = socat.run("-u", f"{keyword}:{queue.name}", "-")
    assert (done.status, done.stdout, done.stderr) == (0, "one", "")
    assert queue.drain() == [(b"two", 2)]


def test_receive_waits(socat, queue):
    running = socat.start("-dd", "-u", f"POSIXMQ-RECV:{queue.name}", "-")
    running.wait_line(rf' N receiving on AF=1 "{queue.name}"')
    queue.send((b"came", 0))
    done = running.end()
    assert (done.status, done.stdout) == (0, "came")


def test_priority_in_the_environment(socat, queue):
    queue.create()
    queue.send((b"x", 5))
    done = socat.run("-U", "-", f"POSIXMQ-RECV:{queue.name}!!-", input=b"")
    assert done.status == 0
    queue.send((b"x", 5))
    done = socat.run("-u", f"POSIXMQ-RECV:{queue.name}", "SYSTEM:'cat; echo $SOCAT_POSIXMQ_PRIO >&2'")
    assert (done.status, done.stderr) == (0, "5\n")


def test_both_ways(socat, queue):
    """It reads what it writes."""
    done = socat.run("-t0.5", "-", f"POSIXMQ-BIDIRECTIONAL:{queue.name}", input=b"echo\n")
    assert (done.status, done.stdout) == (0, "echo\n")


def test_short_keyword_in_one_direction_only(socat, queue):
    done = socat.run("-", f"POSIXMQ:{queue.name}")
    assert done.status == 1 and log_lines(done.stderr) == [
        f"E POSIXMQ:{queue.name} reads or writes: to do both use POSIXMQ-BIDIRECTIONAL"]
    assert not queue.exists()


@pytest.mark.parametrize("data", [b"", b"x", b"0123456789"], ids=len)
def test_read_less_than_a_message(socat, queue, data):
    """readbytes may be smaller than the longest message."""
    queue.create()
    queue.send((data, 0), (b"more", 0))
    done = socat.run("-u", f"POSIXMQ-READ:{queue.name},readbytes=4", "-")
    assert (done.status, done.stdout.encode()) == (0, (data + b"more")[:4] if len(data) != 1 else b"xmor")


def test_empty_message(socat, queue):
    queue.create()
    queue.send((b"", 0), (b"x", 0))
    done = socat.run("-u", f"POSIXMQ-RECV:{queue.name}", "-")
    assert (done.status, done.stdout) == (0, "x")


def test_block_size(socat, queue):
    """Fewer bytes than a message may have are refused at once, without losing one."""
    queue.create(msgsize=1000)
    queue.send((b"x", 0))
    done = socat.run("-b999", "-u", f"POSIXMQ-READ:{queue.name}", "-")
    assert done.status == 1 and log_lines(done.stderr) == [
        f"E POSIXMQ-READ:{queue.name}: a message may have 1000 bytes (-b1000): Message too long"]
    assert queue.drain() == [(b"x", 0)]


def test_message_too_long(socat, queue):
    queue.create(msgsize=4)
    done = socat.run("-u", "-", f"POSIXMQ-SEND:{queue.name}", input=b"12345")
    assert done.status == 1 and "Message too long" in log_lines(done.stderr)[0]


def test_full_queue_is_waited_for(socat, queue):
    queue.create(maxmsg=1)
    queue.send((b"in the way", 0))
    running = socat.start("-d", "-d", "-d", "-u", "-", f"POSIXMQ-SEND:{queue.name}")
    running.process.stdin.write(b"x")
    running.process.stdin.close()
    running.process.stdin = None
    running.wait_line(" starting data transfer loop")
    assert queue.attributes().curmsgs == 1
    got = []
    wait_for(lambda: got.extend(queue.drain()) or len(got) == 2)
    assert got == [(b"in the way", 0), (b"x", 0)]
    assert running.end().status == 0


# Options

@pytest.mark.parametrize("name", ["posixmq-priority", "mq-prio"])
def test_priority(socat, queue, name):
    done = socat.run("-u", "-", f"POSIXMQ-SEND:{queue.name},{name}=31", input=b"x")
    assert done.status == 0 and queue.drain() == [(b"x", 31)]


def test_priority_too_high(socat, queue):
    done = socat.run("-u", "-", f"POSIXMQ-SEND:{queue.name},mq-prio=32768", input=b"x")
    assert done.status == 1
    assert log_lines(done.stderr) == ['E option "posixmq-priority": 32768 is not 0..32767']


@pytest.mark.parametrize("name", ["posixmq-flush", "mq-flush"])
@pytest.mark.parametrize("value, left", [("", [b"x"]), ("=1", [b"x"]), ("=0", [b"old", b"x"])])
def test_flush(socat, queue, name, value, left):
    queue.create()
    queue.send((b"old", 0))
    done = socat.run("-u", "-", f"POSIXMQ-SEND:{queue.name},{name}{value}", input=b"x")
    assert done.status == 0 and [data for data, _ in queue.drain()] == left


def test_flush_what_is_not_there(socat, queue):
    assert socat.run("-u", "-", f"POSIXMQ-SEND:{queue.name},mq-flush", input=b"x").status == 0
    assert queue.drain() == [(b"x", 0)]


@pytest.mark.parametrize("options, maxmsg, msgsize", [
    ("posixmq-maxmsg=3,posixmq-msgsize=77", 3, 77), ("mq-maxmsg=4", 4, None), ("mq-msgsize=55", None, 55)])
def test_sizes(socat, queue, options, maxmsg, msgsize):
    """One that is not given is the system's default."""
    default = [int(open(f"/proc/sys/fs/mqueue/{name}").read()) for name in ["msg_default", "msgsize_default"]]
    assert socat.run("-u", "-", f"POSIXMQ-SEND:{queue.name},{options}", input=b"x").status == 0
    got = queue.attributes()
    assert (got.maxmsg, got.msgsize, got.curmsgs) == (maxmsg or default[0], msgsize or default[1], 1)


def test_sizes_of_an_old_queue(socat, queue):
    queue.create(maxmsg=2, msgsize=10)
    done = socat.run("-u", "-", f"POSIXMQ-SEND:{queue.name},mq-maxmsg=3,mq-msgsize=10", input=b"x")
    assert done.status == 0
    assert log_lines(done.stderr) == [f'W queue "{queue.name}" exists with maxmsg=2 instead of 3']


@pytest.mark.parametrize("keyword", ALL)
@pytest.mark.parametrize("options, reason", [
    ("mq-maxmsg=-1", "Invalid argument"), ("mq-msgsize=99999999999", "Invalid argument"),
    ("mq-maxmsg=", "missing numerical value"), ("mq-prio=-1", "E "), ("mq-nothing", "unknown option"),
    ("perm-early=600", "a queue has no path"), ("user-early=0", "a queue has no path"),
    ("o-creat=0", "No such file or directory")])
def test_wrong_options(socat, queue, keyword, options, reason):
    words = ["-u", "-", f"{keyword}:{queue.name},{options}"]
    if "RE" in keyword:
        words.insert(1, words.pop())
    done = socat.run(*words)
    assert done.status == 1 and not queue.exists()
    line, = log_lines(done.stderr)
    assert reason in line


@pytest.mark.parametrize("name", ["x", "/", "/a/b", "''", "/" + "x" * 300])
def test_wrong_names(socat, name):
    done = socat.run("-u", f"POSIXMQ-READ:{name}", "-")
    line, = log_lines(done.stderr)
    assert done.status == 1 and "queue" in line


def test_exclusive(socat, queue):
    for status in [0, 1]:
        done = socat.run("-u", "-", f"POSIXMQ-SEND:{queue.name},o-excl", input=b"x")
        assert done.status == status
    line, = log_lines(done.stderr)
    assert re.fullmatch(rf'E mq_open\("{queue.name}", 0\d+, 0666, .*\): File exists', line)


def test_mode_and_owner(socat, queue):
    words = ["-u", "-", f"POSIXMQ-SEND:{queue.name},perm=0640,umask=0"]
    if os.geteuid() == 0:
        words[-1] += ",user=1,group=2"
    assert socat.run(*words, input=b"x").status == 0
    got = queue.status()
    assert stat.S_IMODE(got.st_mode) == 0o640
    if os.geteuid() == 0:
        assert (got.st_uid, got.st_gid) == (1, 2)


@pytest.mark.parametrize("option, old", [("unlink-early", False), ("unlink", False), ("new", False),
                                         ("unlink-early=0", True), ("unlink=0", True)])
def test_unlink_before(socat, queue, option, old):
    queue.create()
    queue.send((b"old", 0))
    assert socat.run("-u", "-", f"POSIXMQ-SEND:{queue.name},{option}", input=b"x").status == 0
    assert [data for data, _ in queue.drain()] == [b"old"] * old + [b"x"]


@pytest.mark.parametrize("keyword", ["POSIXMQ-SEND", "POSIXMQ"])
@pytest.mark.parametrize("option, left", [("unlink-late", False), ("unlink-close", False),
                                          ("unlink-close=1", False), ("unlink-close=0", True), ("", True)])
def test_unlink_after(socat, queue, keyword, option, left):
    address = f"{keyword}:{queue.name}" + (f",{option}" if option else "")
    assert socat.run("-u", "-", address, input=b"x").status == 0
    assert queue.exists() == left


def test_no_file_is_removed(socat, queue):
    """A queue's name looks like a path."""
    path = f"/{queue.name[1:]}"
    if not os.access("/", os.W_OK):
        pytest.skip("needs to write to the root directory")
    with open(path, "w"):
        pass
    try:
        socat.run("-u", "-", f"POSIXMQ-SEND:{queue.name},unlink-early,unlink,unlink-late,unlink-close",
                  input=b"x")
        assert os.path.exists(path) and not queue.exists()
    finally:
        os.unlink(path)


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("keyword", ["POSIXMQ-READ", "POSIXMQ-RECV"])
def test_unlinked_when_ended_by_a_signal(socat, queue, keyword, signo):
    running = socat.start("-u", f"{keyword}:{queue.name},unlink-close", "-")
    wait_for(queue.exists)
    assert running.signal(signo).status == 128 + signo
    assert not queue.exists()


# Sessions

def test_receive_and_fork(socat, queue, tmp_path):
    """Each message has a process of its own; the queue's name stays while the parent lives."""
    queue.create()
    running = socat.start("-u", f"POSIXMQ-RECV:{queue.name},fork,unlink-close",
                          f"SYSTEM:'cat > {tmp_path}/got-$SOCAT_POSIXMQ_PRIO'")
    for priority in [1, 2, 3]:
        queue.send((b"message %d" % priority, priority))
    for priority in [1, 2, 3]:
        file = tmp_path / f"got-{priority}"
        wait_for(lambda: file.exists() and file.read_text() == f"message {priority}")
    assert queue.exists() and queue.drain() == []
    assert running.signal(signal.SIGTERM).status == 143
    assert not queue.exists()


def test_receive_with_max_children(socat, queue, tmp_path):
    """A message for which there is no process stays in the queue."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    queue.create()
    queue.send(*[(b"%d" % i, 0) for i in range(3)])
    running = socat.start("-dd", "-u", f"POSIXMQ-RECV:{queue.name},fork,max-children=2",
                          f"SYSTEM:'read x < {gate}; cat'")
    running.wait_line(" N maxchildren are active, waiting")
    assert queue.attributes().curmsgs == 1
    with open(gate, "w") as file:  # until the last program has passed it, or that waits for ever
        print("\n\n", file=file, flush=True)
        assert sorted(read_exactly(running, 3)) == sorted(b"012")
    assert queue.attributes().curmsgs == 0
    assert running.signal(signal.SIGTERM).status == 143


@pytest.mark.parametrize("keyword", ["POSIXMQ-SEND", "POSIXMQ-WRITE"])
def test_send_and_fork(socat, queue, keyword):
    """A process each time there is room, a pause between two, and never flushed again."""
    queue.create(maxmsg=3)
    queue.send((b"old", 0))
    running = socat.start("-dd", "-U", f"{keyword}:{queue.name},fork,interval=0.05,mq-flush,mq-prio=9",
                          "SYSTEM:'echo sent'")
    wait_for(lambda: queue.attributes().curmsgs == 3)
    running.wait_line(r"(?s)forked off.*forked off.*forked off")
    assert queue.drain()[:3] == [(b"sent\n", 9)] * 3
    wait_for(lambda: queue.attributes().curmsgs == 3)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(30) == 143


def test_send_with_max_children(socat, queue):
    queue.create()
    running = socat.start("-dd", "-U", f"POSIXMQ-SEND:{queue.name},fork,interval=0.01,max-children=2",
                          "SYSTEM:'echo x; read wait'")
    running.wait_line(" N maxchildren are active, waiting")
    assert len(re.findall(rf"\[{running.pid}\] N forked off child process ", running.text())) == 2
    wait_for(lambda: queue.attributes().curmsgs == 2)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(30) == 143


def test_two_of_ours(socat, queue):
    receiver = socat.start("-u", f"POSIXMQ-READ:{queue.name},unlink-close", "-")
    wait_for(queue.exists)
    data = os.urandom(50_000)
    sender = socat.run("-b8192", "-u", "-", f"POSIXMQ-SEND:{queue.name}", input=data)
    assert sender.status == 0
    assert read_exactly(receiver, len(data)) == data
    receiver.signal(signal.SIGTERM)
    assert not queue.exists()


def test_listed(socat):
    text = socat.run("-hh").stdout
    assert [k for k in ALL if not re.search(rf"(?m)^ +{k}[:\t]", text)] == []
    assert "#define WITH_POSIXMQ 1" in socat.run("-V").stdout
