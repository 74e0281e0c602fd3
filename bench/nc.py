# SPDX-License-Identifier: MIT
"""Rows of nc: scans of loopback, and a file or a pipe from one nc to another."""

import errno
import shutil
import socket
import subprocess
import time

import generator
from relays import ORIGINALS, free_port, quiet
from row import Row

PROGRAMS = {  # the program and how it is told to send and to receive only
    "ours": ("nc", ["-N"], ["-l"]),
    "nc.openbsd": ("nc.openbsd", ["-N"], ["-l"]),
    "ncat": ("ncat", ["--send-only"], ["--recv-only", "-l"]),
}
NMAP = ["-n", "-Pn", "-sT", "-p1-65535", "127.0.0.1"]
HOSTS = {"-nz": "127.0.0.1", "-zv": "localhost"}
LIMIT = 120


def program(bench, who, name):
    """Ours is a link in the bench's folder."""
    path = bench.tool(name, who) if who == "ours" else shutil.which(name, path=ORIGINALS)
    if not path:
        raise RuntimeError(f"{name} is not installed")
    return path


def kernel(_):
    """What connect(2) takes to be refused, again and again: 65535 times on one socket."""
    s, begin = socket.socket(), time.perf_counter()
    for port in range(1, 65536):
        if s.connect_ex(("127.0.0.1", port)) != errno.ECONNREFUSED:
            s.close()
            s = socket.socket()
    s.close()
    return {"ms": (time.perf_counter() - begin) * 1e3}


def scan(letters):
    def measure(bench, who):
        if who == "kernel":
            return kernel(bench)
        command = ([program(bench, who, "nmap"), *NMAP] if who == "nmap" else
                   [program(bench, who, PROGRAMS[who][0]), letters, HOSTS[letters], "1-65535"])
        begin = time.perf_counter()
        quiet(command).wait(LIMIT)
        return {"ms": (time.perf_counter() - begin) * 1e3}
    return measure


def scan_one_by_one(bench, who):
    """ncat takes one port: a script has to start it for each."""
    ports = range(1, 21)
    if who == "ours":
        commands = [[program(bench, who, "nc"), "-nz", "127.0.0.1", "1-20"]]
    else:
        commands = [[program(bench, who, "ncat"), "-nz", "127.0.0.1", str(p)] for p in ports]
    begin = time.perf_counter()
    for command in commands:
        quiet(command).wait(LIMIT)
    return {"ms": (time.perf_counter() - begin) * 1e3}


def wait_until_it_listens(port):
    """Seen in /proc: a try would be its one client."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with open("/proc/net/tcp", encoding="ascii") as table:
            if any(f":{port:04X} 00000000:0000 0A" in line for line in table):
                return
        time.sleep(0.005)
    raise RuntimeError(f"nothing listens on port {port}")


def feed(bench):
    return [str(bench.load), "feed", "--bytes", str(bench.megabytes << 20)]


def time_of(processes, begin):
    for process in processes:
        process.wait(LIMIT)
    return time.perf_counter() - begin


def no_relay(bench):
    """One socket, and no pipe: both ends write and read it themselves."""
    report = generator.run(bench.load, "bulk", bench.back.tcp, connections=1,
                           bytes=bench.megabytes << 20)
    return {"MB/s": report["mb_per_s"]}


def cats(bench):
    """What pipes at both ends cost without any nc: feed | cat > socket, cat < socket | cat."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        served, _ = server.accept()
    with client, served:
        receiver = quiet(["cat"], stdin=served, stdout=subprocess.PIPE)
        reader = quiet(["cat"], stdin=receiver.stdout)
        begin = time.perf_counter()
        writer = subprocess.Popen(feed(bench), stdout=subprocess.PIPE)
        sender = quiet(["cat"], stdin=writer.stdout, stdout=client)
        receiver.stdout.close()
        writer.stdout.close()
    seconds = time_of([writer, sender, receiver, reader], begin)
    return {"MB/s": (bench.megabytes << 20) / seconds / 1e6}


def source_file(bench):
    source = bench.folder / "nc-feed"
    if not source.exists() or source.stat().st_size < bench.megabytes << 20:
        with open(source, "wb") as out:
            subprocess.run(feed(bench), stdout=out, check=True)
    return open(source, "rb")


def from_nc_to_nc(kind):
    """files: a file to /dev/null; pipes: from a program that writes to one that reads."""
    def measure(bench, who):
        if who in LIMITS:
            return LIMITS[who](bench)
        name, sends, receives = PROGRAMS[who]
        path, port = program(bench, who, name), free_port("tcp")
        source = source_file(bench) if kind == "files" else None
        out = subprocess.DEVNULL if source else subprocess.PIPE
        processes = [quiet([path, *receives, "127.0.0.1", str(port)], stdout=out)]
        if not source:
            processes.append(quiet(["cat"], stdin=processes[0].stdout))
            processes[0].stdout.close()
        wait_until_it_listens(port)
        begin = time.perf_counter()
        if not source:
            processes.append(subprocess.Popen(feed(bench), stdout=subprocess.PIPE))
            source = processes[-1].stdout
        with source:
            processes.append(quiet([path, *sends, "127.0.0.1", str(port)], stdin=source))
        return {"MB/s": (bench.megabytes << 20) / time_of(processes, begin) / 1e6}
    return measure


LIMITS = {"no relay": no_relay, "cat | cat": cats}


def rows():
    speed = {("MB/s", "nc.openbsd"): ">= 2", ("MB/s", "ncat"): ">= 3", ("MB/s", "no relay"): ">= 0.7"}
    pipe_speed = {**speed, ("MB/s", "cat | cat"): ">= 0.7"}
    rivals = ["nc.openbsd", "ncat", "no relay"]
    goal = {("ms", "nc.openbsd"): "<= 0.05"}
    return [
        Row("nc-scan", "nc: scan of 65535 ports", ["nc.openbsd", "nmap", "kernel"], scan("-nz"),
            {**goal, ("ms", "nmap"): "<= 1"}),
        Row("nc-scan", "nc: scan that tells, by name", ["nc.openbsd"], scan("-zv"), goal),
        Row("nc-scan", "nc: scan of 20 ports", ["ncat"], scan_one_by_one, {("ms", "ncat"): "<= 1"}),
        Row("nc-bulk", "nc to nc, file to /dev/null", rivals, from_nc_to_nc("files"), speed),
        Row("nc-bulk", "nc to nc, pipe to pipe", [*rivals, "cat | cat"], from_nc_to_nc("pipes"),
            pipe_speed),
    ]
