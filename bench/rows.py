# SPDX-License-Identifier: MIT
"""The rows under load, in the order of what a relay is asked for: bulk, latency, connections,
idle sessions, packets, bad company."""

import subprocess
import time

import generator
from relays import End
from row import Row

GB = 1e9
CLASSIC = ["socat", "socat -b 131072"]
ALL = ["socat", "haproxy", "haproxy 2 threads", "proxyd", "no relay"]
BULK = [*CLASSIC, "haproxy 128K", "haproxy 128K 2 thr.", "proxyd", "no relay"]
PACKETS = ["socat", "no relay"]

BULK_GOALS = {
    ("MB/s", "socat"): ">= 4", ("MB/s", "socat -b 131072"): ">= 1.3",
    ("MB/s", "haproxy 128K"): ">= 1.4", ("MB/s", "proxyd"): ">= 1", ("MB/s", "no relay"): ">= 0.7",
    ("CPU-s/GB", "socat"): "<= 0.125", ("CPU-s/GB", "haproxy 128K"): "<= 0.333",
}


def cost(relay, before, amount, unit):
    return {unit: (relay.cpu() - before) / amount} if relay.process else {}


def sure(report, who):
    """A number counts only if nothing went wrong."""
    if report["errors"]:
        print(f"  {who}: {report['errors']} errors in {report['mode']}: "
              f"{report.get('first_error', '')}", flush=True)
    return report


def bulk(streams, front="tcp", back="tcp"):
    def measure(bench, who):
        amount = bench.megabytes << 20
        with bench.relay(who, front, back) as relay:
            generator.run(bench.load, "ask", relay.target, seconds=0.01)
            before = relay.cpu()
            report = sure(generator.run(bench.load, "bulk", relay.target, connections=streams,
                                   bytes=amount), who)
            return {"MB/s": report["mb_per_s"],
                    **cost(relay, before, amount / GB, "CPU-s/GB")}
    return measure


def one_way(kind):
    """A file, or what another program writes to a pipe, into a connection."""
    def measure(bench, who):
        amount = bench.megabytes << 20
        feed = [str(bench.load), "feed", "--bytes", str(amount)]
        back = End("tcp", bench.back.tcp)
        if kind == "file":
            path = bench.folder / "feed"
            if not path.exists() or path.stat().st_size < amount:
                with open(path, "wb") as out:
                    subprocess.run(feed, stdout=out, check=True)
            front, more = End("file", path), {}
        else:
            front = End("stdin")
            writer = subprocess.Popen(feed, stdout=subprocess.PIPE)
            more = {"stdin": writer.stdout}
        begin = time.monotonic_ns()
        relay = bench.programs[who].start(front, back, bench.folder, **more)
        if kind == "stdin":
            writer.stdout.close()
        end = bench.back.line()
        relay.wait()
        if kind == "stdin":
            writer.wait()
        if end["received"] != amount:
            print(f"  {who}: {end['received']} of {amount} bytes arrived", flush=True)
        return {"MB/s": amount / (end["end"] - begin) * 1e3}
    return measure


def ask(connections, size=64, seconds=None):
    def measure(bench, who):
        with bench.relay(who) as relay:
            report = sure(generator.run(bench.load, "ask", relay.target, connections=connections,
                                   request=size, answer=size, seconds=seconds or bench.seconds),
                          who)
            return {"per s": report["per_s"], "p50 us": report["p50_us"],
                    "p99 us": report["p99_us"]}
    return measure


def connect(connections):
    def measure(bench, who):
        with bench.relay(who) as relay:
            report = sure(generator.run(bench.load, "connect", relay.target, connections=connections,
                                   seconds=bench.seconds), who)
            return {"per s": report["per_s"]}
    return measure


def idle(bench, who):
    """PSS and kernel memory that each session adds.  The kernel's part contains the sockets of
    the two ends, the same for all."""
    with bench.relay(who) as relay:
        generator.run(bench.load, "ask", relay.target, seconds=0.01)
        user, kernel = relay.pss(), bench.kernel_bytes()
        with generator.Client(bench.load, "idle", relay.target,
                         connections=bench.sessions) as client:
            sure(client.line(), who)
            user, kernel = relay.pss() - user, bench.kernel_bytes() - kernel
            traffic = sure(client.go(), who)
        return {"PSS B": user / bench.sessions, "kernel B": kernel / bench.sessions,
                "all, s": traffic["seconds"]}


def udp(peers):
    def measure(bench, who):
        with bench.relay(who, "udp", "udp") as relay:
            with generator.Client(bench.load, "udp", relay.target, connections=peers,
                             seconds=bench.seconds, pause=True) as client:
                client.line()
                before = relay.cpu()
                report = sure(client.go(), who)
            packets = max(2 * report["rounds"], 1)
            return {"per s": report["per_s"], "p50 us": report["p50_us"],
                    **cost(relay, before, packets / 1e6, "CPU us")}
    return measure


def flood(gso):
    def measure(bench, who):
        with bench.relay(who, "udp-once", "udp") as relay:
            report = generator.run(bench.load, "flood", relay.target, size=1200 if gso else 64,
                              server=bench.back.tcp, seconds=bench.seconds,
                              **({"gso": True} if gso else {}))
            return {"per s": report["per_s"]}
    return measure


def settle(bench, rounds=40):
    """Until the back-end has sent all that the stalled ones let it send."""
    last = None
    while rounds and last != (last := bench.back.stats()["sent"]):
        time.sleep(0.1)
        rounds -= 1


def hostile(kind, count):
    """What others see meanwhile, and what it costs in memory."""
    def measure(bench, who):
        with bench.relay(who) as relay:
            generator.run(bench.load, "ask", relay.target, seconds=0.01)
            user = relay.pss()
            with generator.Client(bench.load, "hostile", relay.target, kind=kind,
                             connections=count) as client:
                client.line()
                settle(bench)
                report = sure(generator.run(bench.load, "ask", relay.target, connections=4,
                                       seconds=bench.seconds), who)
                user = relay.pss() - user
                client.go()
            return {"p50 us": report["p50_us"], "p99 us": report["p99_us"], "PSS B": user / count}
    return measure


def rows():
    streams3 = {("MB/s", "socat"): ">= 3.5"}
    one = {("p50 us", "socat"): "<= 0.9", ("p50 us", "haproxy"): "<= 0.9"}
    many = {("per s", "socat"): ">= 2", ("per s", "haproxy"): ">= 1.2"}
    large = {("per s", "haproxy"): ">= 1"}
    new = {("per s", "socat"): ">= 4", ("per s", "haproxy"): ">= 1.1"}
    return [
        *[Row("bulk", f"bulk TCP-TCP, {n} stream{'s' * (n > 1)}", BULK, bulk(n), BULK_GOALS)
          for n in [1, 8, 64]],
        Row("bulk", "bulk TCP-UNIX", ["socat", "haproxy 128K", "no relay"],
            bulk(1, "tcp", "unix"), streams3),
        Row("bulk", "bulk UNIX-UNIX", ["socat", "haproxy 128K", "no relay"],
            bulk(1, "unix", "unix"), streams3),
        Row("one-way", "file to TCP", CLASSIC, one_way("file")),
        Row("one-way", "STDIN (a pipe) to TCP", CLASSIC, one_way("stdin")),
        Row("latency", "ask, 1 connection", ALL, ask(1), one),
        Row("latency", "ask, 16 connections", ALL, ask(16)),
        Row("latency", "ask, 256 connections", ALL, ask(256), many),
        Row("sizes", "ask, 16 KiB and back", ["socat", "haproxy", "no relay"],
            ask(1, 16384), large),
        Row("sizes", "ask, 64 KiB and back", ["socat", "haproxy", "no relay"],
            ask(1, 65536), large),
        Row("connect", "connect, 1 at a time", ALL, connect(1), new),
        Row("connect", "connect, 64 at once", ALL, connect(64), new),
        Row("idle", "idle sessions", ["socat", "haproxy", "proxyd"], idle, rounds_factor=0.3,
            absolute={"PSS B": "<= 1024"}),
        Row("udp", "UDP, 1 peer", PACKETS, udp(1)),
        Row("udp", "UDP, 64 peers", PACKETS, udp(64),
            {("per s", "socat"): ">= 1.7", ("CPU us", "socat"): "<= 0.6"}),
        Row("udp", "UDP, 1000 peers", PACKETS, udp(1000)),
        Row("flood", "UDP one way, 64 bytes", PACKETS, flood(False)),
        Row("flood", "UDP one way, GSO", PACKETS, flood(True), {("per s", "socat"): ">= 5"}),
        *[Row("hostile", f"ask beside {n} {kind}", ["socat", "haproxy"], hostile(kind, n),
              rounds_factor=0.3)
          for kind, n in [("silent", 5000), ("trickle", 500), ("stall", 200), ("reset", 100)]],
    ]
