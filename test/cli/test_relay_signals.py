# SPDX-License-Identifier: MIT
"""sockbox relay under signals: logs and certificates are read again, sessions may finish."""

import os
import pty
import re
import signal
import socket
import ssl
import subprocess

import pytest

from conftest import wait_for


def start_relay(start, tools, tmp_path, *words):
    log = tmp_path / "log"
    process = start([str(tools / "sockbox"), "relay", "--log", str(log), "-v", *words])
    wait_for(lambda: log.exists() and "listening on" in log.read_text(), "the listener")
    line = next(line for line in log.read_text().splitlines() if "listening on" in line)
    return process, log, int(line.rsplit(":", 1)[1])


def connect(port):
    s = socket.create_connection(("127.0.0.1", port))
    s.settimeout(20)
    return s


def test_a_log_is_opened_anew(start, tools, tmp_path):
    process, log, port = start_relay(start, tools, tmp_path, "TCP4-LISTEN:0,fork", "PIPE")
    old = log.rename(tmp_path / "log.1")
    process.send_signal(signal.SIGHUP)
    wait_for(log.exists, "the new log")
    size = old.stat().st_size
    with connect(port) as c:
        c.sendall(b"x")
        assert c.recv(1) == b"x"
    wait_for(lambda: "accepting connection" in log.read_text(), "a message in the new log")
    assert old.stat().st_size == size


def make_certificate(tmp_path, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
                   check=True, capture_output=True)


def name_seen(port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    c = context.wrap_socket(connect(port))
    certificate = c.getpeercert(binary_form=True)
    return c, [name for name in (b"before", b"after") if name in certificate]


def test_certificates_are_read_again(start, tools, tmp_path):
    if subprocess.run([tools / "sockbox", "relay", "OPENSSL", "-"], capture_output=True,
                      check=False).stderr.find(b"without OpenSSL") >= 0:
        pytest.skip("built without OpenSSL")
    make_certificate(tmp_path, "before")
    process, log, port = start_relay(
        start, tools, tmp_path,
        f"OPENSSL-LISTEN:0,pf=ip4,fork,verify=0,cert={tmp_path}/cert.pem,key={tmp_path}/key.pem",
        "PIPE")
    old, names = name_seen(port)
    assert names == [b"before"]
    make_certificate(tmp_path, "after")
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: name_seen(port)[1] == [b"after"], "the new certificate")
    old.sendall(b"still")
    assert old.recv(5) == b"still"
    (tmp_path / "cert.pem").write_text("nothing")
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: "what was loaded before stays" in log.read_text(), "the complaint")
    assert name_seen(port)[1] == [b"after"]


def test_sessions_may_finish(start, tools, tmp_path):
    process, log, port = start_relay(start, tools, tmp_path, "TCP4-LISTEN:0,fork", "PIPE")
    with connect(port) as c:
        c.sendall(b"x")
        assert c.recv(1) == b"x"
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: refuses(port), "the end of the listener")
        assert process.poll() is None
        c.sendall(b"y")
        assert c.recv(1) == b"y"
    assert process.wait(timeout=20) == 128 + signal.SIGTERM


def refuses(port):
    try:
        connect(port).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # the listener closes just now; it has to refuse the next one
        return False
    return False


def test_a_second_signal_ends_all(start, tools, tmp_path):
    process, log, port = start_relay(start, tools, tmp_path, "TCP4-LISTEN:0,fork", "PIPE")
    with connect(port) as c:
        c.sendall(b"x")
        assert c.recv(1) == b"x"
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: refuses(port), "the end of the listener")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 128 + signal.SIGINT
        assert c.recv(1) == b""


def test_counts_say_whose_they_are(start, tools, tmp_path):
    process, log, port = start_relay(start, tools, tmp_path, "--counts", "TCP4-LISTEN:0,fork", "PIPE")

    def counts(heading, n):
        lines = [heading, f"{n} bytes from left to right", f"{n} bytes from right to left"]
        return "".join(f"sockbox relay: {line}\n" for line in lines)
    with connect(port) as c, connect(port) as d:
        for s, text in [(c, b"xyz"), (d, b"1")]:
            s.sendall(text)
            assert s.recv(len(text), socket.MSG_WAITALL) == text
        first, second = [counts(f"session with AF=2 127.0.0.1:{s.getsockname()[1]}:", n)
                         for s, n in [(c, 3), (d, 1)]]
        process.send_signal(signal.SIGUSR1)
        wait_for(lambda: first + second + counts("2 sessions are open; in total:", 4)
                 in log.read_text(), "the counts")
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: refuses(port), "the end of the listener")
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        assert log.read_text().count(first) == 2, "sessions that are ended are counted, too"


def test_a_closed_terminal_ends_it(tools):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(tools / "sockbox", ["sockbox", "relay", "-v", "TCP4-LISTEN:0", "PIPE"])
    text = b""
    while b"listening on" not in text:
        text += os.read(terminal, 1000)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 128 + signal.SIGHUP


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(word) for word in f.read().split()]


def exchange(sessions, byte):
    for s in sessions:
        s.sendall(byte)
        assert s.recv(1) == byte


def test_workers_share_a_listener(start, tools, tmp_path):
    process, log, port = start_relay(start, tools, tmp_path, "TCP4-LISTEN:0,fork,workers=3", "PIPE")
    wait_for(lambda: len(children(process.pid)) == 3, "three processes")
    workers = children(process.pid)
    sessions = [connect(port) for _ in range(30)]
    exchange(sessions, b"x")
    process.send_signal(signal.SIGTERM)
    wait_for(lambda: refuses(port), "the end of the listener")
    exchange(sessions, b"y")  # whoever serves them
    for s in sessions:
        s.close()
    assert process.wait(timeout=20) == 128 + signal.SIGTERM
    assert not any(os.path.exists(f"/proc/{pid}") for pid in workers)
    assert "ended" not in log.read_text()


def start_socat(start, tools, tmp_path, *addresses):
    log = tmp_path / "log"
    process = start([str(tools / "socat"), "-d", "-d", "-lf", str(log), *addresses])
    wait_for(lambda: log.exists() and "listening on" in log.read_text(), "the listener")
    line = next(line for line in log.read_text().splitlines() if "listening on" in line)
    return process, log, int(line.rsplit(":", 1)[1])


def test_workers_of_socat_outlive_it(start, tools, tmp_path):
    process, _, port = start_socat(start, tools, tmp_path, "TCP4-LISTEN:0,fork,workers=2", "PIPE")
    wait_for(lambda: len(children(process.pid)) == 2, "two processes")
    workers = children(process.pid)
    sessions = [connect(port) for _ in range(20)]
    exchange(sessions, b"x")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 128 + signal.SIGTERM
    exchange(sessions, b"y")
    for s in sessions:
        s.close()
    wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers),
             "the end of the workers")


def test_dead_workers_are_replaced(start, tools, tmp_path):
    """With one line, and a pause that grows while they die at once; sessions of others go on."""
    process, log, port = start_socat(start, tools, tmp_path, "TCP4-LISTEN:0,fork,workers=2", "PIPE")
    ended = []

    def lost():
        return re.findall(r"W worker process (\d+) ended on signal 9; another one begins in ([\d.]+) ",
                          log.read_text())

    wait_for(lambda: len(children(process.pid)) == 2, "two processes")
    stays, _ = children(process.pid)
    for count in [1, 2, 3]:
        wait_for(lambda: len(children(process.pid)) == 2, "two processes again")
        ended += [pid for pid in children(process.pid) if pid != stays]
        os.kill(ended[-1], signal.SIGKILL)
        wait_for(lambda: len(lost()) == count, "the line about it")
    assert [int(pid) for pid, _ in lost()] == ended
    assert float(lost()[-1][1]) >= float(lost()[0][1])
    assert log.read_text().count(" W ") == 3
    wait_for(lambda: len(children(process.pid)) == 2, "two processes again")
    os.kill(stays, signal.SIGSTOP)  # so the youngest serves
    with connect(port) as c:
        exchange([c], b"x")
    os.kill(stays, signal.SIGCONT)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 128 + signal.SIGTERM
    wait_for(lambda: refuses(port), "the end of the listener")  # the kernel tells the workers


def test_workers_wait_no_longer_than_accept_timeout(start, tools, tmp_path):
    process, log, _ = start_socat(start, tools, tmp_path,
                                  "TCP4-LISTEN:0,fork,workers=2,accept-timeout=0.1", "PIPE")
    assert process.wait(timeout=20) == 0
    assert "worker process" not in log.read_text()


@pytest.mark.parametrize("left, right", [
    ("TCP4-LISTEN:0,workers=2", "PIPE"), ("TCP4-LISTEN:0,fork,workers=0x", "PIPE"),
    ("TCP4-LISTEN:0,fork,workers=2,max-children=3", "PIPE"), ("UDP4-LISTEN:0,fork,workers=2", "PIPE"),
    ("TCP4-LISTEN:0,fork,workers=-1", "PIPE"), ("TCP4-LISTEN:0,fork,workers=2", "EXEC:cat"),
    ("-", "TCP4-LISTEN:0,fork,workers=2"),
])
def test_workers_that_cannot_be(run, left, right):
    done = run(["socat", left, right])
    assert done.status == 1 and done.stderr.count(" E ") == 1 and "workers" in done.stderr
