# SPDX-License-Identifier: MIT
"""The relays that are compared, each started the same way: relay.start(listen, back) with two
Ends.  PROGRAMS has one row per relay; what it cannot do, `can` says."""

import os
import resource
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import proc

ORIGINALS = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
PROXYD = "/lib/systemd/systemd-socket-proxyd"
LOCAL = "127.0.0.1"
PIPES = 500  # of HAProxy, for splice
SPARE = 200  # descriptors besides those of sessions


@dataclass
class End:
    kind: str  # tcp, udp, unix, file, stdin
    place: object = None  # a port or a path

    @property
    def target(self):
        """In the words of load."""
        return str(self.place)


def sessions_possible():
    """How many sessions a relay of one process may have under our open-file limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (soft - 2 * PIPES - SPARE) // 2


def free_port(kind="tcp"):
    with socket.socket(type=socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as s:
        s.bind((LOCAL, 0))
        return s.getsockname()[1]


def quiet(argv, **more):
    more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL, **more}
    return subprocess.Popen([str(word) for word in argv], start_new_session=True, **more)


def socat_listen(end):
    return {
        "tcp": f"TCP4-LISTEN:{end.place},bind={LOCAL},fork,reuseaddr,backlog=4096",
        "unix": f"UNIX-LISTEN:{end.place},fork,unlink-early,backlog=4096",
        "udp": f"UDP4-LISTEN:{end.place},bind={LOCAL},fork,reuseaddr",
        "udp-once": f"UDP4-RECV:{end.place},bind={LOCAL}",
        "file": f"FILE:{end.place}",
        "stdin": "STDIN",
    }[end.kind]


def socat_connect(end):
    return {"tcp": f"TCP4:{LOCAL}:{end.place}", "unix": f"UNIX-CONNECT:{end.place}",
            "udp": f"UDP4:{LOCAL}:{end.place}"}[end.kind]


def socat(program, options=()):
    def start(listen, back, folder, **more):
        one_way = ["-u"] if listen.kind in ("udp-once", "file", "stdin") else []
        return quiet([program, *options, *one_way, socat_listen(listen), socat_connect(back)],
                     **more)
    return start


HAPROXY = """
global
    maxconn {sessions}
    maxpipes {pipes}
    nbthread {threads}
    tune.bufsize {buffer}
    tune.pipesize 1048576
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
    option splice-auto
    option splice-request
    option splice-response
listen relay
    bind {bind} backlog 4096
    maxconn {sessions}
    server back {server}
"""


def haproxy(threads, buffer):
    def start(listen, back, folder, **more):
        def word(end):
            return f"{LOCAL}:{end.place}" if end.kind == "tcp" else f"unix@{end.place}"
        config = Path(folder) / f"haproxy-{threads}-{buffer}.cfg"
        config.write_text(HAPROXY.format(sessions=sessions_possible(), pipes=PIPES, threads=threads,
                                         buffer=buffer, bind=word(listen), server=word(back)))
        # -db: no fork, so that the process we started is the relay.
        return quiet([shutil.which("haproxy", path=ORIGINALS), "-db", "-q", "-f", config], **more)
    return start


# systemd gives the listening socket as descriptor 3 and says whose it is.
ACTIVATE = 'LISTEN_PID=$$ LISTEN_FDS=1; export LISTEN_PID LISTEN_FDS; exec "$@"'


def proxyd(listen, back, folder, **more):
    with socket.socket(socket.AF_INET if listen.kind == "tcp" else socket.AF_UNIX) as server:
        if listen.kind == "tcp":
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((LOCAL, listen.place) if listen.kind == "tcp" else listen.place)
        server.listen(4096)
        to = f"{LOCAL}:{back.place}" if back.kind == "tcp" else back.place
        argv = ["sh", "-c", f"exec 3<&{server.fileno()}; {ACTIVATE}", "sh", PROXYD,
                f"--connections-max={sessions_possible()}", to]
        return quiet(argv, pass_fds=[server.fileno()], **more)


@dataclass
class Program:
    name: str
    start: object
    kinds: set
    missing: str = ""  # why it cannot run here


class Relay:
    """One running relay (or none: then load talks to the back-end itself)."""

    def __init__(self, program, listen, back, folder, **more):
        self.target, self.process = back.target, None
        if program.start is None:
            return
        if listen.kind == "unix":
            Path(listen.place).unlink(missing_ok=True)
        self.process = program.start(listen, back, folder, **more)
        self.target = listen.target
        kind = listen.kind.partition("-")[0]
        if kind in ("tcp", "udp", "unix"):
            proc.wait_until(lambda: proc.listens(kind, listen.place), f"{program.name}, listening")

    def cpu(self):
        return proc.cpu_seconds(self.process.pid) if self.process else 0.0

    def pss(self):
        return proc.pss_bytes(self.process.pid) if self.process else 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.process:
            return
        for signo in [signal.SIGTERM, signal.SIGKILL]:
            try:
                os.killpg(self.process.pid, signo)
                self.process.wait(timeout=5)
                if signo == signal.SIGTERM:
                    os.killpg(self.process.pid, signal.SIGKILL)  # sessions that stayed
                break
            except subprocess.TimeoutExpired:
                continue
            except ProcessLookupError:
                break
        self.process.wait()


def programs(ours):
    """name -> Program."""
    def need(path):
        return "" if path and os.path.exists(path) else "not installed"
    classic = shutil.which("socat", path=ORIGINALS)
    proxy = shutil.which("haproxy", path=ORIGINALS)
    streams = {"tcp", "unix"}
    everything = streams | {"udp", "udp-once", "file", "stdin"}
    rows = [
        Program("ours", socat(ours), everything),
        Program("ours -b 131072", socat(ours, ["-b", "131072"]), everything),
        Program("socat", socat(classic), everything, need(classic)),
        Program("socat -b 131072", socat(classic, ["-b", "131072"]), everything, need(classic)),
        Program("haproxy", haproxy(1, 16384), streams, need(proxy)),
        Program("haproxy 128K", haproxy(1, 131072), streams, need(proxy)),
        Program("haproxy 2 threads", haproxy(2, 16384), streams, need(proxy)),
        Program("haproxy 128K 2 thr.", haproxy(2, 131072), streams, need(proxy)),
        Program("proxyd", proxyd, streams, need(PROXYD)),
        Program("no relay", None, streams | {"udp", "udp-once"}),
    ]
    return {row.name: row for row in rows}
