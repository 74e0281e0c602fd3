# SPDX-License-Identifier: MIT
"""Who is admitted by hosts.allow and hosts.deny: ours beside Debian's, which uses libwrap."""

import socket

import pytest

from socat_kit import LOCAL, WHO, log_lines, socat  # noqa: F401

DENY_ALL = "ALL: ALL\n"

# hosts.allow, hosts.deny, is 127.0.0.1 admitted?
TABLES = [
    ("", "", True), ("", DENY_ALL, False), ("socat: 127.0.0.1\n", DENY_ALL, True),
    ("sshd: 127.0.0.1\n", DENY_ALL, False), ("SOCAT : 127.\n", DENY_ALL, True),
    ("ALL: 127.0.0.0/255.0.0.0\n", DENY_ALL, True), ("ALL: 127.0.0.0/8\n", DENY_ALL, True),
    ("ALL: 127.0.0.2/32\n", DENY_ALL, False), ("ALL: localhost\n", DENY_ALL, True),
    ("ALL: LOCAL\n", DENY_ALL, True), ("ALL: KNOWN\n", DENY_ALL, True), ("ALL: UNKNOWN\n", DENY_ALL, False),
    ("ALL: PARANOID\n", DENY_ALL, False), ("ALL: .example\n", DENY_ALL, False),
    ("ALL: ALL EXCEPT 127.0.0.1\n", DENY_ALL, False), ("ALL: ALL EXCEPT 10.0.0.1\n", DENY_ALL, True),
    ("ALL: 127. EXCEPT 127.0. EXCEPT 127.0.0.1\n", DENY_ALL, True),
    ("ALL EXCEPT socat: ALL\n", DENY_ALL, False), ("ALL: l*host\n", DENY_ALL, True),
    ("sshd,socat,ftpd: 10.0.0.1, 127.0.0.1\n", DENY_ALL, True), ("ALL: 10.0.0.1 \\\n127.0.0.1\n", DENY_ALL, True),
    ("# ALL: ALL\n\n", DENY_ALL, False), ("ALL: ALL: deny\n", "", False), ("", "ALL: 127.0.0.1: allow\n" + DENY_ALL, True),
    ("socat: ALL: allow\n", DENY_ALL, True), ("", "socat: 127.0.0.2\n", True), ("ALL: [::1]\n", DENY_ALL, False),
]


def admitted(socat, who, address, to=f"TCP4:{LOCAL}:{{}}"):  # noqa: F811
    running = socat.serve(address, "PIPE", who=who)
    done = socat.run("-t1", "-", to.format(running.port()), input=b"hello")
    assert done.status == 0 and done.stdout in ("", "hello")
    return done.stdout == "hello", running


@pytest.mark.parametrize("allow, deny, expected", TABLES)
@pytest.mark.parametrize("who", WHO)
def test_tables(socat, who, tmp_path, allow, deny, expected):  # noqa: F811
    (tmp_path / "allow").write_text(allow)
    (tmp_path / "deny").write_text(deny)
    options = f"tcpwrap,hosts-allow={tmp_path}/allow,hosts-deny={tmp_path}/deny"
    result, running = admitted(socat, who, f"TCP4-LISTEN:0,fork,{options}")
    assert result == expected
    if not expected:
        running.wait_line(r" W refusing connection from AF=2 127\.0\.0\.1:\d+ due to tcpwrapper option$")


@pytest.mark.parametrize("options, expected", [
    ("tcpwrap-etc={}", True), ("tcpwrap-dir={}", True), ("tcpwrap=socat,tcpwrap-etc={}", True),
    ("tcpwrap=other,tcpwrap-etc={}", False), ("libwrap=other,tcpwrap-etc={}", False),
    ("wrap,allow-table={}/hosts.allow,deny-table={}/hosts.deny", True),
    ("hosts-deny={}/hosts.deny", False), ("hosts-allow={}/hosts.allow,hosts-deny={}/hosts.deny", True),
    ("tcpwrapper,tcpwrap-hosts-allow-table={}/hosts.allow,tcpwrap-hosts-deny-table={}/hosts.deny", True),
    ("tcpwrappers=other,tcpwrap-etc={},hosts-deny=/dev/null", True)])
@pytest.mark.parametrize("who", WHO)
def test_options(socat, who, tmp_path, options, expected):  # noqa: F811
    (tmp_path / "hosts.allow").write_text("socat: 127.0.0.1\n")
    (tmp_path / "hosts.deny").write_text(DENY_ALL)
    assert admitted(socat, who, f"TCP4-LISTEN:0,fork,{options.format(tmp_path, tmp_path)}")[0] == expected


def test_the_daemon_is_the_program(socat, tmp_path):  # noqa: F811
    (tmp_path / "hosts.allow").write_text("server: ALL\n")
    (tmp_path / "hosts.deny").write_text(DENY_ALL)
    for words, expected in (([], False), (["-lp", "server"], True)):
        running = socat.start("-dd", *words, f"TCP4-LISTEN:0,fork,tcpwrap-etc={tmp_path}", "PIPE")
        done = socat.run("-t1", "-", f"TCP4:{LOCAL}:{running.port()}", input=b"hello")
        assert (done.stdout == "hello") == expected


@pytest.mark.parametrize("line, expected", [("socat: [::1]\n", True), ("socat: [::2]\n", False),
                                            ("ALL: [::]/0\n", True)])
@pytest.mark.parametrize("who", WHO)
def test_ipv6(socat, who, tmp_path, line, expected):  # noqa: F811
    (tmp_path / "hosts.allow").write_text(line)
    (tmp_path / "hosts.deny").write_text(DENY_ALL)
    result, _ = admitted(socat, who, f"TCP6-LISTEN:0,fork,tcpwrap-etc={tmp_path}", "TCP6:[::1]:{}")
    assert result == expected


@pytest.mark.parametrize("kind", ["RECV", "RECVFROM", "LISTEN"])
def test_packets(socat, tmp_path, kind, free_port, listener):  # noqa: F811
    """A packet of a stranger is dropped, the next one is read."""
    (tmp_path / "hosts.allow").write_text("ALL: 127.0.0.1\n")
    (tmp_path / "hosts.deny").write_text(DENY_ALL)
    port = free_port("udp")
    running = socat.start("-u", f"UDP4-{kind}:{port},tcpwrap-etc={tmp_path}", "-")
    listener.port(port, "udp")
    for address, data in (("127.0.0.2", b"bad\n"), ("127.0.0.1", b"good\n")):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((address, 0))
            s.sendto(data, (LOCAL, port))
    running.wait_line(r" W refusing connection from AF=2 127\.0\.0\.2:\d+ due to tcpwrapper option$")
    assert running.process.stdout.readline() == b"good\n"


WRONG = [("ALL: ALL: twist /bin/false\n", 'the only options are "allow" and "deny"'), ("nonsense\n", "is expected"),
         ("ALL: user@host\n", "users and netgroups"), ("socat@here: ALL\n", "servers"),
         ("ALL: /no/such/file\n", "No such file"), ("ALL: 127.0.0.0/99\n", "mask")]


@pytest.mark.parametrize("line, words", WRONG, ids=[row[1] for row in WRONG])
def test_what_is_not_understood_admits_nobody(socat, tmp_path, line, words):  # noqa: F811
    (tmp_path / "hosts.allow").write_text("#\n" + line)
    result, running = admitted(socat, "ours", f"TCP4-LISTEN:0,fork,tcpwrap-etc={tmp_path}")
    assert not result
    first, second = log_lines(running.text(), "W")
    assert first.startswith("W tcpwrap: ") and words in first
    assert first.endswith(f'(line 2) of "{tmp_path}/hosts.allow"') and "tcpwrapper option" in second


def test_a_table_that_cannot_be_read_admits_nobody(socat, tmp_path):  # noqa: F811
    (tmp_path / "hosts.deny").mkdir()
    result, running = admitted(socat, "ours", f"TCP4-LISTEN:0,fork,tcpwrap-etc={tmp_path}")
    assert not result and "Is a directory" in log_lines(running.text(), "W")[0]
