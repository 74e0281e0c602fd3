# SPDX-License-Identifier: MIT
"""Scans: many ports at once, told in order, and what each port really is."""

import os
import re
import signal
import socket
import subprocess
import threading

import pytest

from nc_kit import LIMIT, udp  # noqa: F401 (a fixture)


def test_all_ports_in_order_and_none_connects_to_itself(netns, listener):
    """Among 65535 tries some leave from the very port they go to, which connects them to
    themselves if that is not seen."""
    ports = [22, 8080, 33333, 65535]
    for port in ports:
        netns.start(["nc", "-lk", "127.0.0.1", port], stdin=subprocess.DEVNULL)
        listener.port(port, net=netns.net)
    r = netns.run(["nc", "-nvz", "127.0.0.1", "1-65535"], timeout=120)
    lines = r.stderr.splitlines()
    assert r.status == 0 and r.stdout == "" and len(lines) == 65535
    assert [int(re.search(r"(?:port|127.0.0.1) (\d+) ", line).group(1)) for line in lines] == [
        *range(1, 65536)]
    assert [line.split()[3] for line in lines if "succeeded" in line] == [str(p) for p in ports]
    assert sum(line.endswith("(tcp) failed: Connection refused") for line in lines) == 65531


def silent_ports(netns, n):
    """Addresses that nobody answers for: the packets go nowhere."""
    for command in ["ip tuntap add dev dead mode tun", "ip address add 10.9.9.1/24 dev dead",
                    "ip link set dead up"]:
        if netns.run(command.split()).status:
            pytest.skip("no tun interface")
    return ["10.9.9.2", f"1-{n}"]


def test_silent_ports_are_waited_for_together(netns):
    """200 ports at one second each: one after the other they would need more than the limit."""
    r = netns.run(["nc", "-nvz", "-w1", *silent_ports(netns, 200)], timeout=60)
    assert (r.status, r.stdout) == (1, "")
    assert r.stderr.splitlines() == [
        f"nc: connect to 10.9.9.2 port {p} (tcp) timed out: Operation now in progress"
        for p in range(1, 201)]


def test_what_a_udp_port_is(run, free_port, udp):
    """Open, closed and silent are apart with -vv; -v keeps the original's words."""
    silent, closed = udp.getsockname()[1], free_port("udp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as echo:
        echo.bind(("127.0.0.1", 0))
        answering = echo.getsockname()[1]

        def answer():
            echo.sendto(b"y", echo.recvfrom(10)[1])
        thread = threading.Thread(target=answer)
        thread.start()
        r = run(["nc", "-nuzvv", "-w1", "127.0.0.1", answering, silent, closed])
        thread.join()
    assert (r.status, r.stdout) == (1, "")  # the last one decides
    assert r.stderr.splitlines() == [
        f"Connection to 127.0.0.1 {answering} port [udp/*] succeeded!",
        f"127.0.0.1 port {answering} (udp) open: it answered",
        f"Connection to 127.0.0.1 {silent} port [udp/*] succeeded!",
        f"127.0.0.1 port {silent} (udp) open or filtered: no answer",
        f"127.0.0.1 port {closed} (udp) closed: ICMP port unreachable"]


def test_a_scan_ends_by_a_signal(netns):
    p = netns.start(["nc", "-nz", *silent_ports(netns, 3)])
    with pytest.raises(subprocess.TimeoutExpired):
        p.wait(timeout=0.3)
    child = int(open(f"/proc/{p.pid}/task/{p.pid}/children").read() or p.pid)
    os.kill(child, signal.SIGTERM)
    assert p.wait(timeout=LIMIT) in (-signal.SIGTERM, 128 + signal.SIGTERM)
