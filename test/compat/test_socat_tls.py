# SPDX-License-Identifier: MIT
"""TLS and DTLS between ours and Debian's socat, both ways: what passes, what is refused, the
exit codes and the beginnings of the error lines, which scripts look for."""

import os
import re
import select
import socket
import ssl
import subprocess

import pytest

from certificates import certificates, tls  # noqa: F401
from socat_kit import LOCAL, WHO, log_lines, socat  # noqa: F401

PAIRS = [("ours", "original"), ("original", "ours")]


@pytest.fixture
def both_tls(socat, tls):  # noqa: F811
    if "#define WITH_OPENSSL 1" not in socat.run("-V", who="original").stdout:
        pytest.skip("Debian's socat is built without OpenSSL")
    return tls


def meet(socat, tls, server, client, who, what="SYSTEM:echo hello", **more):  # noqa: F811
    """One connection; how both ended."""
    running = socat.serve(f"OPENSSL-LISTEN:0,{server}".format(tls=tls), what, who=who[0])
    address = f"OPENSSL:localhost:{running.port()},{client}".format(tls=tls)
    # -t: a slow server's last word is waited for.
    return running.end, socat.run("-t", "10", "-", address, who=who[1], **more)


# What server and client are told to do; the beginnings of the client's and server's errors.
CERTIFIED = "cert={tls}/server.pem"
MEETINGS = [
    (f"{CERTIFIED},verify=0", "cafile={tls}/ca.pem"),
    (f"{CERTIFIED},cafile={{tls}}/ca.pem", "cafile={tls}/ca.pem,cert={tls}/client.pem"),
    ("cert={tls}/rsa.pem,verify=0,max-version=TLS1.2", "cafile={tls}/ca.pem"),
    ("cert={tls}/other.pem,verify=0", "cafile={tls}/ca.pem,commonname=other.example"),
    ("cert={tls}/wild.pem,verify=0", "cafile={tls}/ca.pem,commonname=www.example.org"),
    ("cert={tls}/wild.pem,verify=0", "cafile={tls}/ca.pem,commonname=example.org"),
    ("cert={tls}/cn.pem,verify=0", "cafile={tls}/ca.pem"),
    (f"{CERTIFIED},verify=0,cipher=ECDHE-ECDSA-AES128-GCM-SHA256,max-version=TLS1.2",
     "cafile={tls}/ca.pem"),
    ("cert={tls}/other.pem,verify=0", "cafile={tls}/ca.pem"),
    ("cert={tls}/expired.pem,verify=0", "cafile={tls}/ca.pem"),
    ("cert={tls}/self.pem,verify=0", "cafile={tls}/ca.pem"),
    ("cert={tls}/deep.pem,verify=0", "cafile={tls}/ca.pem"),
    ("cert={tls}/chain.pem,verify=0", "cafile={tls}/ca.pem"),
    ("verify=0", "cafile={tls}/ca.pem"),
    (f"{CERTIFIED},verify=0,min-version=TLS1.3", "cafile={tls}/ca.pem,max-version=TLS1.2"),
    (f"{CERTIFIED},cafile={{tls}}/ca.pem,max-version=TLS1.2", "cafile={tls}/ca.pem"),
    (f"{CERTIFIED},verify=0,max-version=DTLS1.2", "cafile={tls}/ca.pem,min-version=DTLS1"),
]


def beginnings(result):
    """The error lines up to where ours says more."""
    return [line.partition(";")[0] for line in log_lines(result.stderr, "E")]


def server_end(server, client):
    """Its status and error lines.  A client that refuses only after the handshake goes while the
    server writes; whether that comes too late is chance with both programs."""
    lines = [line for line in beginnings(server) if "SSL" in line]
    return server.status if lines or client.status == 0 else "any", lines


@pytest.mark.parametrize("server, client", MEETINGS)
def test_ends_as_the_original(socat, both_tls, server, client):  # noqa: F811
    """With Debian's at the other end, ours does what Debian's does there."""
    seen = {}
    for who in WHO:
        end, done = meet(socat, both_tls, server, client, ("original", who))
        end()
        seen["client", who] = (done.status, done.stdout, beginnings(done))
        end, done = meet(socat, both_tls, server, client, (who, "original"))
        seen["server", who] = server_end(end(), done)
    assert seen["client", "ours"] == seen["client", "original"]
    assert seen["server", "ours"] == seen["server", "original"]


def told(result):
    """What -dd tells of the peer and the session."""
    return [line for line in log_lines(result.stderr, "N") if re.search("SSL|cert", line)]


@pytest.mark.parametrize("client", ["verify=0", "cafile={tls}/ca.pem"])
@pytest.mark.parametrize("server", [
    f"{CERTIFIED},verify=0", f"{CERTIFIED},cafile={{tls}}/ca.pem",
    f"{CERTIFIED},cafile={{tls}}/ca.pem,commonname=localhost"])
def test_what_the_log_tells(socat, both_tls, server, client):  # noqa: F811
    ends = {}
    for who in WHO:
        running = socat.serve(f"OPENSSL-LISTEN:0,{server}".format(tls=both_tls), "SYSTEM:echo hello",
                              who=who)
        done = socat.run("-dd", "-t", "10", "-", f"OPENSSL:localhost:{running.port()},{client},"
                         "cert={tls}/server.pem".format(tls=both_tls), who=who)
        ends[who] = told(done), told(running.end())
    assert ends["ours"] == ends["original"]
    assert len(ends["ours"][0]) > 4 < len(ends["ours"][1])


# How openssl makes the parameters, and what of them goes over the wire.
PRIMES = {"DH -pkeyopt group:ffdhe3072": "ff ff ff ff ff ff ff ff ad f8 54 58",
          "DHX -pkeyopt dh_rfc5114:3": "87 a8 e6 1d b4 b6 66 3c"}  # a block "X9.42 DH PARAMETERS"


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("where", ["dhparam", "cert"])
@pytest.mark.parametrize("algorithm", PRIMES)
def test_dh_parameters(socat, both_tls, tmp_path, algorithm, where, who):  # noqa: F811
    made = socat.commands.run(["openssl", "genpkey", "-genparam", "-algorithm", *algorithm.split()])
    pem = tmp_path / "dh.pem"
    with_key = (both_tls / "rsa.pem").read_text() if where == "cert" else ""
    pem.write_text(with_key + made.stdout)
    options = f"cert={both_tls}/rsa.pem,dhparam={pem}" if where == "dhparam" else f"cert={pem}"
    server = socat.serve(f"OPENSSL-LISTEN:0,verify=0,max-version=TLS1.2,{options}", "PIPE", who=who)
    done = socat.commands.run(["openssl", "s_client", "-msg", "-cipher", "DHE", "-connect",
                               f"{LOCAL}:{server.port()}"])
    assert PRIMES[algorithm] in " ".join(done.stdout.split()), done.stdout
    server.end()


@pytest.mark.parametrize("who", WHO)
def test_variables(socat, both_tls, who):  # noqa: F811
    end, done = meet(socat, both_tls, f"{CERTIFIED},cafile={{tls}}/ca.pem",
                     "cafile={tls}/ca.pem,cert={tls}/server.pem", (who, "ours"),
                     what="SYSTEM:env | grep SOCAT_OPENSSL | grep -v IPADD | sort")
    assert done.stdout.splitlines() == [
        "SOCAT_OPENSSL_CIPHER=TLS_AES_256_GCM_SHA384",
        "SOCAT_OPENSSL_PROTO_VERSION=TLSv1.3",
        "SOCAT_OPENSSL_X509V3_SUBJECTALTNAME_DNS=localhost",
        "SOCAT_OPENSSL_X509_COMMONNAME=localhost",
        "SOCAT_OPENSSL_X509_COUNTRYNAME=XY",
        "SOCAT_OPENSSL_X509_ISSUER=CN = ca",
        "SOCAT_OPENSSL_X509_LOCALITYNAME=Lunar Base",
        "SOCAT_OPENSSL_X509_ORGANIZATIONALUNITNAME=socat",
        "SOCAT_OPENSSL_X509_ORGANIZATIONNAME=Test",
        "SOCAT_OPENSSL_X509_SUBJECT=C = XY, CN = localhost, O = Test, OU = socat, L = Lunar Base",
    ]
    assert end().status == 0


@pytest.mark.parametrize("version", ["TLS1.2", "TLS1.3"])
@pytest.mark.parametrize("who", PAIRS, ids=["server", "client"])
def test_much_data_both_ways(socat, both_tls, tmp_path, who, version):  # noqa: F811
    there, back = os.urandom(5 << 20), os.urandom(5 << 20)
    for name, data in [("there", there), ("back", back)]:
        (tmp_path / name).write_bytes(data)
    server = socat.serve(f"OPENSSL-LISTEN:0,cert={both_tls}/server.pem,verify=0",
                         f"OPEN:{tmp_path}/back,rdonly!!CREATE:{tmp_path}/got", who=who[0])
    done = socat.run(f"OPEN:{tmp_path}/there,rdonly!!-", f"OPENSSL:localhost:{server.port()},"
                     f"cafile={both_tls}/ca.pem,max-version={version}", who=who[1])
    assert done.status == 0 and done.raw_stdout == back
    assert server.end().status == 0 and (tmp_path / "got").read_bytes() == there


@pytest.mark.parametrize("who", PAIRS, ids=["server", "client"])
def test_late_data(socat, both_tls, who):  # noqa: F811
    """What one side says after the other's end of input arrives."""
    data = os.urandom(200000)
    end, done = meet(socat, both_tls, f"{CERTIFIED},verify=0", "cafile={tls}/ca.pem", who,
                     what="SYSTEM:cat >/dev/null; head -c 100000 /dev/zero", input=data)
    assert done.status == 0 and done.raw_stdout == bytes(100000)
    assert end().status == 0


@pytest.fixture
def silent(both_tls):
    """A server that answers no end by itself: its port, and what accepts with a version."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)

        def accept(version):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.maximum_version = version
            context.load_cert_chain(both_tls / "server.pem")
            session = context.wrap_socket(listener.accept()[0], server_side=True)
            session.settimeout(30)
            return session

        yield listener.getsockname()[1], accept


# How a connection is only written; TLS 1.3 makes Debian's end too early.
WRITING = [("-u", "-", "{}"), ("-U", "{}", "-"), ("-u", "-", "-!!{}")]
VERSIONS = [("original", "TLSv1_2"), ("ours", "TLSv1_2"), ("ours", "TLSv1_3")]


@pytest.mark.parametrize("who, version", VERSIONS)
@pytest.mark.parametrize("words", WRITING, ids=" ".join)
def test_only_written_waits_for_the_answer(socat, both_tls, silent, tmp_path, words, who,  # noqa: F811
                                           version):
    port, accept = silent
    address = f"OPENSSL:localhost:{port},cafile={both_tls}/ca.pem"
    (tmp_path / "said").write_bytes(b"hello")
    with open(tmp_path / "said", "rb") as said:
        client = socat.start("-t30", *[word.format(address) for word in words], who=who, stdin=said)
    with accept(ssl.TLSVersion[version]) as session:
        got = b""
        while data := session.recv(100):
            got += data
        assert got == b"hello"
        assert not select.select([session], [], [], 0.3)[0]  # it does not close
    assert client.end().status == 0


def test_silence_ends_the_wait_for_the_answer(socat, both_tls, silent):  # noqa: F811
    port, accept = silent
    client = socat.start("-u", "-t0.2", "-", f"OPENSSL:localhost:{port},cafile={both_tls}/ca.pem",
                         stdin=subprocess.DEVNULL)
    with accept(ssl.TLSVersion.TLSv1_3) as session:
        assert session.recv(100) == b""
        assert client.end().status == 0


@pytest.mark.parametrize("who", PAIRS, ids=["server", "client"])
def test_dtls(socat, both_tls, tmp_path, who):  # noqa: F811
    data = os.urandom(50000)
    server = socat.start("-dd", "-u", f"DTLS-LISTEN:0,cert={both_tls}/server.pem,verify=0",
                         f"CREATE:{tmp_path}/got", who=who[0])
    port = server.wait_line(r" N listening on UDP .*:(\d+)$").group(1)
    done = socat.run("-u", "-", f"DTLS:localhost:{port},cafile={both_tls}/ca.pem", who=who[1],
                     input=data)
    assert done.status == 0 and server.end().status == 0
    assert (tmp_path / "got").read_bytes() == data


def test_the_feature_is_announced(socat):  # noqa: F811
    """Scripts look for the feature in -V: it is there if the addresses are."""
    for who in WHO:
        said = re.search(r"^  #(define|undef) WITH_OPENSSL\b", socat.run("-V", who=who).stdout, re.M)
        there = "openssl-listen:" in socat.run("-h", who=who).stdout.lower()
        assert said.group(1) == ("define" if there else "undef")
