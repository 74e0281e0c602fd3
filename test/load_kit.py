# SPDX-License-Identifier: MIT
"""What the load tests share: the load generator (bench/README.md) and a relay under load.

    back                    the back-end: back.tcp, back.udp, back.unix, back.stats()
    load("soak", port, ...) runs clients to their end; their report, which must tell no error
    load.client(...)        clients that wait for go() (idle, hostile)
    relay(listen, to)       our socat with `fork`, until the end of the test; see Relay

Counts get smaller under valgrind (SOCKBOX_VALGRIND=1) and larger in a soak (SOCKBOX_SOAK=FACTOR).
"""

import os
import re
import signal
import subprocess
import sys

import pytest

from conftest import BUILD, SOCKBOX, TOP, wait_for
from socat_kit import Running, descriptors_of, sockets_of

sys.path.insert(0, str(TOP / "bench"))
import generator  # noqa: E402
import proc  # noqa: E402

KEPT = 40  # descriptors that may stay for the next sessions: 16 pipes have 32
VALGRIND = bool(os.environ.get("SOCKBOX_VALGRIND"))
SANITIZED = SOCKBOX.exists() and b"__asan_init" in SOCKBOX.read_bytes()
LIMIT = 60 * int(os.environ.get("SOCKBOX_SOAK", "1"))  # seconds after which a load counts as lost
# Not ASan's warning that it does not know everything about fibers.
COMPLAINTS = re.compile(r"ERROR: \w+Sanitizer|runtime error: |^==\d+== ", re.MULTILINE)


class Count:
    """count(100): so many sessions, fewer where everything is watched."""

    soak = int(os.environ.get("SOCKBOX_SOAK", "1"))  # times as many in a soak
    memory_counts = not (VALGRIND or SANITIZED)  # they keep what was freed
    time_counts = not VALGRIND

    def __call__(self, number):
        return max(number // 20, 4) if VALGRIND else max(number // 4, 4) if SANITIZED else number


@pytest.fixture
def load_count():
    return Count()


class Load:
    def __init__(self, program):
        self.program, self.clients = program, []

    def __call__(self, mode, target, **options):
        report = generator.run(self.program, mode, target, timeout=LIMIT, **options)
        assert not report["errors"], report
        return report

    def with_errors(self, mode, target, **options):
        return generator.run(self.program, mode, target, timeout=LIMIT, **options)

    def client(self, mode, target, **options):
        """Its first line has come: all connections are begun (hostile) or relayed (idle)."""
        client = generator.Client(self.program, mode, target, **options)
        self.clients.append(client)
        client.first = client.line()
        return client

    def close(self):
        for client in self.clients:
            client.__exit__()


@pytest.fixture(scope="session")
def load_program():
    done = subprocess.run(["ninja", "-C", BUILD, "bench/load"], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return BUILD / "bench" / "load"


@pytest.fixture
def load(load_program):
    load = Load(load_program)
    yield load
    load.close()


@pytest.fixture
def back(load_program, tmp_path):
    with generator.Backend(load_program, tmp_path) as back:
        yield back


class Relay(Running):
    """A socat that serves many sessions; target is where it listens, in the words of load."""

    target = None
    others = 0  # descriptors that are no sockets, when no session was there

    def processes(self):
        return proc.tree(self.pid)

    def descriptors(self):
        return descriptors_of(self.pid)

    def memory(self):
        return proc.pss_bytes(self.pid)

    def ticks(self):
        """CPU of all its processes, in units of 1/100 s."""
        return round(proc.cpu_seconds(self.pid) * 100)

    def footprint(self):
        return len(self.processes()), self.sockets()

    def sockets(self):
        return sockets_of(self.pid)

    def idle_footprint(self):
        """Once it has nothing but its listening socket."""
        wait_for(lambda: self.footprint() == (1, 1), "the end of all sessions")
        self.others = self.descriptors() - 1
        return self.footprint()

    def returns_to(self, footprint):
        """Some pipes may be kept for the next bulk."""
        wait_for(lambda: self.footprint() == footprint, f"(processes, sockets) {footprint} again")
        assert self.descriptors() - self.sockets() <= self.others + KEPT

    def clean(self):
        """No sanitizer and no valgrind has complained."""
        assert not COMPLAINTS.search(self.text()), self.text()[-5000:]


@pytest.fixture
def relay(commands, tools, tmp_path):
    started = []

    def serve(listen, to, *options, before=()):
        log = tmp_path / f"relay{len(started)}"
        valgrind = ["valgrind", "-q", "--trace-children=no"] if VALGRIND else []
        command = [*before, *valgrind, tools / "socat", "-dd", *options, listen, to]
        with open(log, "wb") as stderr:
            process = commands.start(command, stderr=stderr, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL)
        relay = Relay(process, log)
        started.append(relay)
        kind, _, place = listen.partition(":")
        relay.wait_line(r" N (?:listening|receiving) on ")
        relay.target = place.partition(",")[0] if kind.startswith("UNIX") else relay.port()
        return relay

    yield serve
    for relay in started:
        relay.clean()


@pytest.fixture
def engine(relay, back, load):
    """Skips where each session is a process of its own."""
    probe = relay("TCP4-LISTEN:0,fork", f"TCP4:127.0.0.1:{back.tcp}")
    client = load.client("idle", probe.target, connections=2)
    members = len(probe.processes())
    client.go()
    if members > 1:
        pytest.skip("one process per session: the engine with many sessions in one is not there")
    probe.process.send_signal(signal.SIGTERM)
