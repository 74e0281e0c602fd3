# SPDX-License-Identifier: MIT
"""Rows with a proxy behind the relay, which asks it for a connection per session: an HTTP proxy
(tinyproxy) and a SOCKS5 server (microsocks; Debian's socat has no SOCKS5).  The proxy is a limit of
its own, the same for all: what a session costs the relay itself is "CPU us"."""

import contextlib
import shutil

import generator
import proc
import relays
from relays import LOCAL, ORIGINALS, End, Program, Relay, free_port, quiet
from row import Row
from rows import cost, sure

TINYPROXY = """\
Listen {local}
Port {port}
MaxClients 1000
Timeout 60
LogLevel Critical
"""


def tinyproxy(port, folder):
    config = folder / "tinyproxy.conf"
    config.write_text(TINYPROXY.format(local=LOCAL, port=port))
    return ["tinyproxy", "-d", "-c", config]


def microsocks(port, _):
    return ["microsocks", "-i", LOCAL, "-p", port]


KINDS = {  # how the proxy is started, and the address through it
    "PROXY": (tinyproxy, "PROXY:{local}:{local}:{back},proxyport={port}"),
    "SOCKS5": (microsocks, "SOCKS5:{local}:{port}:{local}:{back}"),
}


@contextlib.contextmanager
def running(bench, command, port):
    program = shutil.which(command[0], path=ORIGINALS)
    if not program:
        raise RuntimeError(f"{command[0]} is not installed")
    process = quiet([program, *command[1:]])
    try:
        proc.wait_until(lambda: proc.listens("tcp", port), f"{command[0]}, listening")
        yield
    finally:
        process.kill()
        process.wait()


def through(kind):
    def measure(bench, who):
        command, address = KINDS[kind]
        port = free_port()

        def start(listen, back, _, **more):
            to = address.format(local=LOCAL, back=back.place, port=port)
            return quiet([bench.tool("socat", who), relays.socat_listen(listen), to], **more)

        with running(bench, command(port, bench.folder), port), \
                Relay(Program(who, start, {"tcp"}), End("tcp", free_port()),
                      bench.end("tcp", True), bench.folder) as relay:
            before = relay.cpu()
            report = sure(generator.run(bench.load, "connect", relay.target, connections=16,
                                        seconds=bench.seconds), who)
            return {"per s": report["per_s"],
                    **cost(relay, before, max(report["rounds"], 1) / 1e6, "CPU us")}
    return measure


def rows():
    goals = {("per s", "socat"): ">= 2", ("CPU us", "socat"): "<= 0.25"}
    return [
        Row("proxy", "connect through an HTTP proxy", ["socat"], through("PROXY"), goals),
        Row("proxy", "connect through SOCKS5", [], through("SOCKS5")),
    ]
