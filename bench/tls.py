# SPDX-License-Identifier: MIT
"""Rows with TLS: load speaks TLS, the relay ends it and goes on in plain text.  One certificate
(ECDSA P-256); HAProxy has one thread, as ours."""

import shutil
import subprocess
from pathlib import Path

import generator
import relays
from relays import LOCAL, ORIGINALS, End, Program, Relay, quiet
from row import Row
from rows import GB, cost, sure

RIVALS = ["socat", "haproxy"]
CLIENTS = 2  # processes that share the connections of handshakes


def certificate(folder):
    """Certificate and key in one file, made by the first who asks."""
    path = Path(folder) / "tls.pem"
    if not path.exists():
        key, crt = f"{folder}/tls.key", f"{folder}/tls.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-keyout", key, "-out", crt], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        path.write_text(Path(crt).read_text() + Path(key).read_text())
    return path


def socat(program):
    def start(listen, back, folder, **more):
        front = (f"OPENSSL-LISTEN:{listen.place},bind={LOCAL},pf=ip4,fork,reuseaddr,backlog=4096,"
                 f"verify=0,cert={certificate(folder)}")
        return quiet([program, front, relays.socat_connect(back)], **more)
    return start


def haproxy(listen, back, folder, **more):
    config = Path(folder) / "haproxy-tls.cfg"
    bind = f"{LOCAL}:{listen.place} ssl crt {certificate(folder)}"
    config.write_text(relays.HAPROXY.format(
        sessions=relays.sessions_possible(), pipes=relays.PIPES, threads=1, buffer=16384,
        bind=bind, server=f"{LOCAL}:{back.place}"))
    return quiet([shutil.which("haproxy", path=ORIGINALS), "-db", "-q", "-f", config], **more)


def relay(bench, who):
    start = {"ours": socat(bench.folder / "socat"), "haproxy": haproxy,
             "socat": socat(shutil.which("socat", path=ORIGINALS))}[who]
    return Relay(Program(who, start, {"tcp"}), End("tcp", relays.free_port()),
                 bench.end("tcp", True), bench.folder)


def run(bench, mode, target, **options):
    return generator.run(bench.load, mode, target, tls=True, **options)


def warm(bench, target):
    run(bench, "ask", target, seconds=0.01)


def bulk(streams, **direction):
    def measure(bench, who):
        amount = bench.megabytes << 20
        with relay(bench, who) as it:
            warm(bench, it.target)
            before = it.cpu()
            report = sure(run(bench, "bulk", it.target, connections=streams, bytes=amount,
                              **direction), who)
            return {"MB/s": report["mb_per_s"], **cost(it, before, amount / GB, "CPU-s/GB")}
    return measure


def ask(connections):
    def measure(bench, who):
        with relay(bench, who) as it:
            report = sure(run(bench, "ask", it.target, connections=connections,
                              seconds=bench.seconds), who)
            return {"per s": report["per_s"], "p50 us": report["p50_us"],
                    "p99 us": report["p99_us"]}
    return measure


def handshakes(connections, **resume):
    """Whole sessions: handshake, connection to the back-end, one round, end.  A client works more
    for a handshake than a server, so two processes of clients; "busy" is how much of one processor
    the relay had: well below 1, the clients (or processors they share) were the limit."""
    def measure(bench, who):
        with relay(bench, who) as it:
            warm(bench, it.target)
            before = it.cpu()
            report = sure(generator.run_together(CLIENTS, bench.load, "connect", it.target,
                                                 connections, tls=True, seconds=bench.seconds,
                                                 **resume), who)
            spent = cost(it, before, max(report["rounds"], 1) / 1e6, "CPU us")
            if resume and report["resumed"] < report["rounds"] / 2:
                print(f"  {who}: only {report['resumed']} of {report['rounds']} sessions resumed")
            return {"per s": report["per_s"], **spent,
                    "busy": spent["CPU us"] * report["per_s"] / 1e6}
    return measure


def idle(bench, who):
    """As idle in rows.py; load is another process, so its memory does not count."""
    with relay(bench, who) as it:
        warm(bench, it.target)
        user, kernel = it.pss(), bench.kernel_bytes()
        with generator.Client(bench.load, "idle", it.target, connections=bench.sessions,
                              tls=True) as client:
            sure(client.line(), who)
            user, kernel = it.pss() - user, bench.kernel_bytes() - kernel
            traffic = sure(client.go(), who)
        return {"PSS B": user / bench.sessions, "kernel B": kernel / bench.sessions,
                "all, s": traffic["seconds"]}


def rows():
    rivals = [who for who in RIVALS if shutil.which(who, path=ORIGINALS)]
    stream = {("MB/s", "socat"): ">= 1.3", ("MB/s", "haproxy"): ">= 1",
              ("CPU-s/GB", "haproxy"): "<= 1"}
    small = {("p50 us", who): "<= 1" for who in rivals}
    new = {("per s", "socat"): ">= 10", ("per s", "haproxy"): ">= 1", ("CPU us", "haproxy"): "<= 1"}
    return [
        Row("tls-bulk", "TLS bulk to us, 1 stream", [*rivals], bulk(1), stream),
        Row("tls-bulk", "TLS bulk from us, 1 stream", [*rivals], bulk(1, down=True), stream),
        Row("tls-bulk", "TLS bulk to us, 8 streams", [*rivals], bulk(8), stream),
        Row("tls-ask", "TLS ask, 1 connection", [*rivals], ask(1), small),
        Row("tls-ask", "TLS ask, 64 connections", [*rivals], ask(64), small),
        Row("tls-new", "TLS handshakes, full", [*rivals], handshakes(16), new),
        Row("tls-new", "TLS handshakes, resumed", [*rivals], handshakes(16, resume=True), new),
        Row("tls-idle", "TLS idle sessions", [*rivals], idle, {("PSS B", "haproxy"): "<= 1"},
            rounds_factor=0.3),
    ]
