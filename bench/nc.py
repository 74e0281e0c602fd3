# SPDX-License-Identifier: MIT
"""Rows of nc: scans of loopback, and a file or a pipe from one nc to another."""

import shutil
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
SCANS = {
    "ours": ["nc", "-nz", "127.0.0.1", "1-65535"],
    "nc.openbsd": ["nc.openbsd", "-nz", "127.0.0.1", "1-65535"],
    "nmap": ["nmap", "-n", "-Pn", "-sT", "-p1-65535", "127.0.0.1"],
}
LIMIT = 120


def program(bench, who, name):
    """Ours is a link in the bench's folder."""
    path = bench.tool(name, who) if who == "ours" else shutil.which(name, path=ORIGINALS)
    if not path:
        raise RuntimeError(f"{name} is not installed")
    return path


def scan(bench, who):
    name, *arguments = SCANS[who]
    begin = time.perf_counter()
    quiet([program(bench, who, name), *arguments]).wait(LIMIT)
    return {"ms": (time.perf_counter() - begin) * 1e3}


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


def from_nc_to_nc(kind):
    """files: a file to /dev/null; pipes: from a program that writes to one that reads."""
    def measure(bench, who):
        amount = bench.megabytes << 20
        feed = [str(bench.load), "feed", "--bytes", str(amount)]
        if who == "no relay":
            report = generator.run(bench.load, "bulk", bench.back.tcp, connections=1, bytes=amount)
            return {"MB/s": report["mb_per_s"]}
        name, sends, receives = PROGRAMS[who]
        path, port = program(bench, who, name), free_port("tcp")
        source = bench.folder / "nc-feed"
        if kind == "files" and (not source.exists() or source.stat().st_size < amount):
            with open(source, "wb") as out:
                subprocess.run(feed, stdout=out, check=True)
        out = subprocess.PIPE if kind == "pipes" else subprocess.DEVNULL
        receiver = subprocess.Popen([path, *receives, "127.0.0.1", str(port)],
                                    stdin=subprocess.DEVNULL, stdout=out)
        processes = [receiver]
        if kind == "pipes":
            processes.append(quiet(["cat"], stdin=receiver.stdout))
            receiver.stdout.close()
        wait_until_it_listens(port)
        begin = time.perf_counter()
        if kind == "pipes":
            writer = subprocess.Popen(feed, stdout=subprocess.PIPE)
            processes.append(writer)
            stdin = writer.stdout
        else:
            stdin = open(source, "rb")
        with stdin:
            processes.append(quiet([path, *sends, "127.0.0.1", str(port)], stdin=stdin))
        for process in processes:
            process.wait(LIMIT)
        return {"MB/s": amount / (time.perf_counter() - begin) / 1e6}
    return measure


def rows():
    speed = {("MB/s", "nc.openbsd"): ">= 2", ("MB/s", "ncat"): ">= 3", ("MB/s", "no relay"): ">= 0.7"}
    rivals = ["nc.openbsd", "ncat", "no relay"]
    return [
        Row("nc-scan", "nc: scan of 65535 ports", ["nc.openbsd", "nmap"], scan,
            {("ms", "nc.openbsd"): "<= 0.05", ("ms", "nmap"): "<= 1"}),
        Row("nc-scan", "nc: scan of 20 ports", ["ncat"], scan_one_by_one, {("ms", "ncat"): "<= 1"}),
        Row("nc-bulk", "nc to nc, file to /dev/null", rivals, from_nc_to_nc("files"), speed),
        Row("nc-bulk", "nc to nc, pipe to pipe", rivals, from_nc_to_nc("pipes"), speed),
    ]
