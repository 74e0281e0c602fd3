# SPDX-License-Identifier: MIT
"""A walk over the addresses: each keyword that -hhh lists opens with a plausible parameter, or
refuses with a reason."""

import re
import signal
import socket

import pytest

from conftest import wait_for
from socat_kit import LOCAL, log_lines, socat, together  # noqa: F401

# {file}: a file; {entry}: a free name; {stream}, {packets}: UNIX sockets somebody has;
# {port}: TCP, somebody listens; {no}: nobody does; {pid}: a number nobody else has
HOST = ":" + LOCAL
PARAMETERS = {
    "ABSTRACT-CLIENT": ":sockbox-{pid}-s", "ABSTRACT-CONNECT": ":sockbox-{pid}-s",
    "ABSTRACT-LISTEN": ":sockbox-{pid}-l", "ABSTRACT-RECV": ":sockbox-{pid}-r",
    "ABSTRACT-RECVFROM": ":sockbox-{pid}-f", "ABSTRACT-SENDTO": ":sockbox-{pid}-s",
    "ACCEPT-FD": ":{listening}", "CREATE": ":{entry}", "GOPEN": ":{file}", "OPEN": ":{file}",
    "FD": ":1", "PIPE": "", "PTY": "", "READLINE": "", "SOCKETPAIR": "", "STALL": "",
    "STDERR": "", "STDIN": "", "STDIO": "", "STDOUT": "", "TEXT": ":text",
    "EXEC": ":cat", "SYSTEM": ":cat", "SHELL": ":cat",
    "INTERFACE": ":lo", "TUN": "",
    "OPENSSL": HOST + ":{no}", "OPENSSL-LISTEN": ":0", "OPENSSL-DTLS-CLIENT": HOST + ":{no}",
    "OPENSSL-DTLS-SERVER": ":0", "PROXY": HOST + ":host:80,proxyport={no}",
    "SOCKS4": HOST + f":{LOCAL}:80,socksport={{no}}", "SOCKS4A": HOST + ":host:80,socksport={no}",
    "SOCKS5-CONNECT": HOST + ":{no}:host:80", "SOCKS5-LISTEN": HOST + ":{no}:host:80",
    **{f"POSIXMQ-{what}": ":/sockbox-{pid},unlink-close"
       for what in ["BIDIRECTIONAL", "READ", "RECEIVE", "SEND", "WRITE"]},
    "SOCKET-CONNECT": ":2:6:x{hex}x7f000001x0000000000000000",
    "SOCKET-LISTEN": ":2:6:x0000x7f000001x0000000000000000",
    **{f"SOCKET-{what}": ":2:2:17:x0000x7f000001x0000000000000000"
       for what in ["DATAGRAM", "RECV", "RECVFROM", "SENDTO"]},
    "UNIX-CLIENT": ":{stream}", "UNIX-CONNECT": ":{stream}", "UNIX-SENDTO": ":{packets}",
    **{f"UNIX-{what}": ":{entry}" for what in ["LISTEN", "RECV", "RECVFROM"]},
    "VSOCK-CONNECT": ":1:9,connect-timeout=0.2", "VSOCK-LISTEN": ":4294967295",
}
for version, host in [("", LOCAL), ("4", LOCAL), ("6", "[::1]")]:
    for stream in ["TCP", "SCTP", "DCCP"]:
        PARAMETERS[f"{stream}{version}-CONNECT"] = f":{host}:{{port{version}}}"
        PARAMETERS[f"{stream}{version}-LISTEN"] = ":0"
    for kind in ["UDP", "UDPLITE"]:
        PARAMETERS |= {f"{kind}{version}-{what}": f":{host}:9"
                       for what in ["CONNECT", "DATAGRAM", "SENDTO"]}
        PARAMETERS |= {f"{kind}{version}-{what}": ":0" for what in ["LISTEN", "RECV", "RECVFROM"]}
    PARAMETERS |= {f"IP{version}-{what}": f":{host}:253" for what in ["DATAGRAM", "SENDTO"]}
    PARAMETERS |= {f"IP{version}-{what}": ":253" for what in ["RECV", "RECVFROM"]}

# What this machine may lack, with the reason it then gives.
MAY_FAIL = {
    "SCTP": "rotocol not supported", "DCCP": "Socket type not supported|rotocol not supported",
    "UDPLITE": "rotocol not supported", "VSOCK": ".", "TUN": "/dev/net/tun",
    "POSIXMQ": "mq_open|reads or writes",
    "IP": "Operation not permitted", "INTERFACE": "Operation not permitted", "READLINE": ".",
    "OPENSSL": "Connection refused|certificate", "SOCKS": "Connection refused",
    "PROXY": "Connection refused",
}
OPENED = r" N (starting data transfer loop|(listening|receiving|waiting|reading)\b.* on )"


@pytest.fixture
def world(tmp_path, free_port):
    """Files and sockets for the parameters."""
    (tmp_path / "file").write_text("x")
    kept = {}
    for name, family, where in [("port4", socket.AF_INET, (LOCAL, 0)),
                                ("port6", socket.AF_INET6, ("::1", 0))]:
        kept[name] = s = socket.socket(family)
        s.bind(where)
        s.listen()
    for name, kind, where in [("stream", socket.SOCK_STREAM, str(tmp_path / "s")),
                              ("packets", socket.SOCK_DGRAM, str(tmp_path / "p")),
                              ("abstract", socket.SOCK_STREAM, f"\0sockbox-{id(kept)}-s")]:
        kept[name] = s = socket.socket(socket.AF_UNIX, kind)
        s.bind(where)
        if kind == socket.SOCK_STREAM:
            s.listen()
    port = kept["port4"].getsockname()[1]
    words = {"file": tmp_path / "file", "stream": tmp_path / "s", "packets": tmp_path / "p",
             "port": port, "port4": port, "port6": kept["port6"].getsockname()[1],
             "hex": f"{port:04x}", "no": free_port(), "pid": id(kept),
             "listening": kept["port4"].fileno()}
    yield words
    for s in kept.values():
        s.close()


def listed(socat):  # noqa: F811
    """{keyword: canonical name} of -hhh."""
    text = re.search(r"^   address-head:.*?\n(.*?)^   opts:", socat.run("-hhh").stdout,
                     re.MULTILINE | re.DOTALL)[1]
    lines = [re.match(r" {6}([^\s:\[<]+).*?(?:alias name for (\S+))?$", line)
             for line in text.splitlines()]
    return {line[1]: line[2] or line[1] for line in lines if line}


def may_fail(keyword, reason):
    return any(keyword.startswith(prefix) and re.search(text, reason)
               for prefix, text in MAY_FAIL.items())


def test_each_keyword(socat, world, tmp_path):  # noqa: F811
    def walk(number, keyword, canonical):
        entry = tmp_path / f"entry{number}"
        address = keyword + PARAMETERS[canonical].format(entry=entry, **world)
        running = socat.start("-dd", address, "STALL", pass_fds=[world["listening"]])
        wait_for(lambda: re.search(OPENED, running.text()) or running.process.poll() is not None,
                 f"{address} to open: {running.text()}")
        opened = re.search(OPENED, running.text())
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGTERM)
        done = running.end()
        errors = log_lines(done.stderr, "E")
        if opened:
            assert errors == [] and done.status in (0, 143), (address, done)
        else:
            assert done.status == 1 and len(errors) == 1, (address, done)
            assert may_fail(canonical, errors[0]), (address, errors)

    keywords = listed(socat)
    assert set(keywords.values()) <= set(PARAMETERS), "each address needs a plausible parameter"
    rows = list(enumerate(sorted(keywords.items())))
    for i in range(0, len(rows), 8):
        together(*[lambda n=n, k=k, c=c: walk(n, k, c) for n, (k, c) in rows[i:i + 8]])
