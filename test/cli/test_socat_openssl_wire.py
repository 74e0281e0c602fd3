# SPDX-License-Identifier: MIT
"""Options of OPENSSL whose effect can only be seen on the wire: the client's first words, and how
long records are."""

import socket

import pytest

from certificates import certificates, tls  # noqa: F401
from socat_kit import LOCAL, socat  # noqa: F401

HEADER = 5  # of a record: type, version, length


def hello(socat, options):  # noqa: F811
    """The client's first flight."""
    with socket.create_server((LOCAL, 0)) as server:
        peer = socat.start("-", f"OPENSSL:{LOCAL}:{server.getsockname()[1]},verify=0{options}")
        with server.accept()[0] as s:
            s.settimeout(20)
            begin = s.recv(HEADER, socket.MSG_WAITALL)
            body = s.recv(int.from_bytes(begin[3:], "big"), socket.MSG_WAITALL)
        assert peer.end().status == 1
    return body


def extension(number, data):
    return number.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data


def name(text):
    entry = b"\0" + len(text).to_bytes(2, "big") + text
    return extension(0, len(entry).to_bytes(2, "big") + entry)


# options: what is in the hello, and what is not.
WORDS = [
    (",maxfraglen=512", [extension(1, b"\1")], [b"name"]),
    (",maxfraglen=4096", [extension(1, b"\4")], []),
    (",groups=P-384", [extension(10, b"\0\2\0\x18")], []),
    (",alpn=h2:x", [extension(16, b"\0\5\2h2\1x")], []),
    (",commonname=some.name", [name(b"some.name")], []),
    (",commonname=some.name,snihost=other", [name(b"other")], [b"some.name"]),
    (",commonname=some.name,no-sni", [], [b"some.name"]),
    (",max-version=TLS1.2", [], [extension(43, b"\4\3\4\3\3")]),
    (",min-version=TLS1.3", [extension(43, b"\2\3\4")], []),
    (",cipher=ECDHE-RSA-AES128-GCM-SHA256,max-version=TLS1.2", [b"\xc0\x2f"],
     [b"\xc0\x2c\xc0\x30"]),  # how the library's list begins
    (",ciphersuites=TLS_AES_128_GCM_SHA256,min-version=TLS1.3", [b"\x13\1"],
     [b"\x13\2\x13\3"]),
]


@pytest.mark.parametrize("options, there, absent", WORDS)
def test_hello(socat, tls, options, there, absent):  # noqa: F811
    body = hello(socat, options)
    for part in there:
        assert part in body
    for part in absent:
        assert part not in body


def lengths(stream):
    """Of the records in it."""
    found = []
    while stream:
        size = int.from_bytes(stream[3:HEADER], "big")
        found.append(size)
        stream = stream[HEADER + size:]
    return found


@pytest.mark.parametrize("options, longest", [("", 16384), (",maxsendfrag=512", 512)])
def test_records(socat, tls, tmp_path, options, longest):  # noqa: F811
    """-R of a relay in between keeps what the server sends; TLS 1.3 adds 17 bytes to each record."""
    data, wire = tmp_path / "data", tmp_path / "wire"
    data.write_bytes(bytes(40000))
    server = socat.serve("-u", f"OPEN:{data}",
                         f"OPENSSL-LISTEN:0,verify=0,cert={tls}/server.pem{options}")
    between = socat.serve("-R", str(wire), "TCP-LISTEN:0", f"TCP:{LOCAL}:{server.port()}")
    done = socat.run("-u", f"OPENSSL:{LOCAL}:{between.port()},verify=0", "-")
    assert (done.status, len(done.raw_stdout)) == (0, 40000)
    assert between.end().status == 0
    assert max(lengths(wire.read_bytes())) == longest + 17
