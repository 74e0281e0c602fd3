# SPDX-License-Identifier: MIT
"""OPENSSL addresses: who is trusted, what programs learn, how data and ends pass, and what
hostile peers get.  The peers are our own socat, openssl(1) and HAProxy; Debian's socat is in
test/compat/test_socat_tls.py."""

import base64
import hashlib
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess

import pytest

from certificates import certificates, tls  # noqa: F401
from conftest import wait_for
from socat_kit import LOCAL, connect, log_lines, read_all, socat  # noqa: F401

HELLO = "SYSTEM:echo hello"


def serve(socat, tls, what=HELLO, certificate="server", options="verify=0"):  # noqa: F811
    address = f"OPENSSL-LISTEN:0,cert={tls}/{certificate}.pem,{options}"
    return socat.serve(address, what)


def client(socat, port, options, host="localhost", **more):  # noqa: F811
    return socat.run("-", f"OPENSSL:{host}:{port},{options}", **more)


def errors(result):
    return " ".join(log_lines(result.stderr, "E"))


# certificate of the server, options of the client: what is trusted.
TRUSTED = [
    ("server", "", "localhost"), ("server", "", LOCAL), ("rsa", "", "localhost"),
    ("ed25519", "", "localhost"), ("cn", "", "localhost"), ("chain", "", "localhost"),
    ("wild", ",commonname=www.example.org", "localhost"),
    ("wild", ",cn=WWW.Example.ORG", "localhost"),
    ("other", ",commonname=other.example", "localhost"), ("other", ",commonname=", "localhost"),
    ("other", ",verify=0", "localhost"), ("expired", ",verify=0", "localhost"),
    ("untrusted", ",verify=0", "localhost"),
]


@pytest.mark.parametrize("certificate, options, host", TRUSTED)
def test_trusted(socat, tls, certificate, options, host):  # noqa: F811
    server = serve(socat, tls, certificate=certificate)
    done = client(socat, server.port(), f"cafile={tls}/ca.pem{options}", host)
    assert (done.status, done.stdout, done.stderr) == (0, "hello\n", "")
    assert server.end().status == 0


# certificate, options: what the client says, all of it in one line.
REFUSED = [
    ("other", "", ['does not match hostname "localhost"', "other.example", '"CN = ca"',
                   "option commonname"]),
    ("wild", ",commonname=a.b.example.org", ['hostname "a.b.example.org"', "*.example.org"]),
    ("expired", "", ["certificate verify failed", "certificate has expired: ", "CN = localhost"]),
    ("untrusted", "", ["certificate verify failed", 'signed by "CN = stranger"', "ca.pem",
                       "option"]),
    ("self", "", ["certificate verify failed", "self-signed certificate", "cafile"]),
    ("deep", "", ["certificate verify failed", 'signed by "CN = middle"']),
    ("server", ",pin=sha256//" + "A" * 43, ["sha256//", 'option "pin"']),
    ("server", ",max-version=TLS1.2,min-version=TLS1.2,ciphers=ECDHE-RSA-AES128-GCM-SHA256",
     ["handshake failure", "options cipher"]),
]


@pytest.mark.parametrize("certificate, options, words", REFUSED)
def test_refused(socat, tls, certificate, options, words):  # noqa: F811
    server = serve(socat, tls, certificate=certificate)
    done = client(socat, server.port(), f"cafile={tls}/ca.pem{options}")
    assert (done.status, done.stdout) == (1, "")
    assert len(log_lines(done.stderr, "E")) == 1
    assert [word for word in words if word not in errors(done)] == []
    # Who is refused after the handshake (name, key) sees an end, perhaps before it has spoken.
    assert server.end().status == 1 or "SSL_connect()" not in errors(done)


def test_capath(socat, tls, tmp_path):  # noqa: F811
    digest = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", tls / "ca.pem"],
                            stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    shutil.copy(tls / "ca.pem", tmp_path / f"{digest}.0")
    server = serve(socat, tls)
    assert client(socat, server.port(), f"capath={tmp_path}").stdout == "hello\n"


def test_system_authorities(socat, tls):  # noqa: F811
    """Without cafile and capath; SSL_CERT_FILE is how OpenSSL is told where they are."""
    server = serve(socat, tls)
    done = client(socat, server.port(), "verify", env={"SSL_CERT_FILE": str(tls / "ca.pem")})
    assert done.stdout == "hello\n"
    server = serve(socat, tls)
    done = client(socat, server.port(), "verify", env={"SSL_CERT_FILE": "/dev/null"})
    assert done.status == 1 and "system's authorities" in errors(done)


def pin_of(path):
    run = ["openssl", "x509", "-pubkey", "-noout", "-in", path]
    pem = subprocess.run(run, stdout=subprocess.PIPE, check=True).stdout.decode()
    return hashlib.sha256(base64.b64decode("".join(pem.splitlines()[1:-1]))).digest()


@pytest.mark.parametrize("form", ["base64", "hex"])
def test_pin(socat, tls, form):  # noqa: F811
    """The key alone decides when verify=0."""
    digest = pin_of(tls / "untrusted.pem")
    text = digest.hex() if form == "hex" else "sha256//" + base64.b64encode(digest).decode()
    server = serve(socat, tls, certificate="untrusted")
    assert client(socat, server.port(), f"verify=0,pin={text}").stdout == "hello\n"


def test_client_certificate(socat, tls):  # noqa: F811
    """A server wants one unless verify=0; its owner's names are variables of programs."""
    show = "SYSTEM:env | grep OPENSSL_ | sort"
    server = serve(socat, tls, show, options=f"cafile={tls}/ca.pem,alpn=a:b")
    done = client(socat, server.port(), f"cafile={tls}/ca.pem,cert={tls}/client.pem,alpn=b:c")
    assert done.stdout.splitlines() == [
        "SOCAT_OPENSSL_ALPN=b",
        "SOCAT_OPENSSL_CIPHER=TLS_AES_256_GCM_SHA384",
        "SOCAT_OPENSSL_PROTO_VERSION=TLSv1.3",
        "SOCAT_OPENSSL_X509_COMMONNAME=client one",
        "SOCAT_OPENSSL_X509_ISSUER=CN = ca",
        "SOCAT_OPENSSL_X509_ORGANIZATIONALUNITNAME=a // b",
        "SOCAT_OPENSSL_X509_SUBJECT=CN = client one, OU = a, OU = b",
    ]
    assert server.end().status == 0


def test_names_of_the_server(socat, tls):  # noqa: F811
    server = serve(socat, tls, "PIPE")
    done = socat.run(f"OPENSSL:localhost:{server.port()},cafile={tls}/ca.pem",
                     "SYSTEM:env | grep X509 | sort >&2")
    assert [line for line in done.stderr.splitlines() if line.startswith("SOCAT_")] == [
        "SOCAT_OPENSSL_X509V3_SUBJECTALTNAME_DNS=localhost",
        "SOCAT_OPENSSL_X509V3_SUBJECTALTNAME_IPADD=127.0.0.1 // ::1",
        "SOCAT_OPENSSL_X509_COMMONNAME=localhost",
        "SOCAT_OPENSSL_X509_COUNTRYNAME=XY",
        "SOCAT_OPENSSL_X509_ISSUER=CN = ca",
        "SOCAT_OPENSSL_X509_LOCALITYNAME=Lunar Base",
        "SOCAT_OPENSSL_X509_ORGANIZATIONALUNITNAME=socat",
        "SOCAT_OPENSSL_X509_ORGANIZATIONNAME=Test",
        "SOCAT_OPENSSL_X509_SUBJECT=C = XY, CN = localhost, O = Test, OU = socat, L = Lunar Base",
    ]


@pytest.mark.parametrize("options, words", [
    ("", ["peer did not return a certificate", "verify=0"]),
    (",cert={tls}/untrusted.pem", ["certificate verify failed", '"CN = stranger"']),
    (",cert={tls}/client.pem", None),
])
def test_server_judges_client(socat, tls, options, words):  # noqa: F811
    server = serve(socat, tls, options=f"cafile={tls}/ca.pem,commonname=client one")
    client(socat, server.port(), f"cafile={tls}/ca.pem" + options.format(tls=tls))
    done = server.end()
    assert done.status == (1 if words else 0)
    assert [word for word in words or [] if word not in errors(done)] == []


# options of the server, of the client: words of the server's error, of the client's.
TOO_OLD = [
    ("min-version=TLS1.3", "max-version=TLS1.2", "the client is too old", "this side is too old"),
    ("method=TLS1.2", "min-version=TLS1.3", "", "the server is too old"),
]


@pytest.mark.parametrize("ours, theirs, server_says, client_says", TOO_OLD)
def test_which_side_is_too_old(socat, tls, ours, theirs, server_says, client_says):  # noqa: F811
    server = serve(socat, tls, options=f"verify=0,{ours}")
    done = client(socat, server.port(), f"cafile={tls}/ca.pem,{theirs}")
    assert done.status == 1 and client_says in errors(done)
    done = server.end()
    assert done.status == 1 and server_says in errors(done)


# options of both: what the session has, as the server's log says.
CHOSEN = [
    ("method=TLS1.2", r"SSL proto version used: TLSv1\.2$"),
    ("max-proto-version=TLSv1.2", r"SSL proto version used: TLSv1\.2$"),
    ("ciphersuites=TLS_CHACHA20_POLY1305_SHA256", "SSL connection using TLS_CHACHA20_POLY1305"),
    ("max-version=TLS1.2,cipher=ECDHE-ECDSA-AES128-GCM-SHA256",
     "SSL connection using ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("groups=P-384", "SSL connection using"),
    ("compress=none", "SSL connection using"), ("compress=auto", "SSL connection using"),
    ("maxsendfrag=512", "SSL connection using"), ("pseudo", "SSL connection using"),
    ("egd=/nonexistent", "SSL connection using"),
]


@pytest.mark.parametrize("options, line", CHOSEN)
def test_chosen(socat, tls, options, line):  # noqa: F811
    server = serve(socat, tls, options=f"verify=0,{options}")
    done = client(socat, server.port(), f"cafile={tls}/ca.pem,{options}")
    assert (done.status, done.stdout) == (0, "hello\n")
    server.wait_line(line)


def test_no_group_in_common(socat, tls):  # noqa: F811
    server = serve(socat, tls, options="verify=0,groups=P-384")
    done = client(socat, server.port(), f"cafile={tls}/ca.pem,groups=P-256")
    assert done.status == 1 and "options cipher, ciphersuites, groups" in errors(done)
    assert "option groups" in errors(server.end())


# address, what is said about it before anybody comes.
WRONG = [
    ("OPENSSL-LISTEN:0,cert=/nonexistent", "openssl-certificate.*No such file"),
    ("OPENSSL-LISTEN:0,cert={tls}/server.crt,key={tls}/rsa.key", "openssl-key.*rsa.key"),
    ("OPENSSL:localhost:1,key={tls}/rsa.key", "needs option"),
    ("OPENSSL:localhost:1,cafile=/nonexistent", "openssl-cafile.*No such file"),
    ("OPENSSL:localhost:1,cipher=NONSENSE", "openssl-cipherlist.*no cipher match"),
    ("OPENSSL:localhost:1,ciphersuites=NONSENSE", "openssl-ciphersuites"),
    ("OPENSSL:localhost:1,groups=NONSENSE", "openssl-groups"),
    ("OPENSSL:localhost:1,min-version=TLS9", "unknown version"),
    ("OPENSSL:localhost:1,method=DTLS1.2", "does not speak"),
    ("DTLS:localhost:1,method=TLS1.2", "does not speak"),
    ("OPENSSL:localhost:1,method=SSL3", "obsolete"),
    ("OPENSSL-LISTEN:0,method=SSL23,verify=0,accept-timeout=0.1", "obsolete"),
    ("OPENSSL:localhost:1,maxfraglen=600", "512, 1024, 2048 or 4096"),
    ("OPENSSL-LISTEN:0,maxfraglen=512", "clients only"),
    ("OPENSSL:localhost:1,maxsendfrag=100", "between 512 and 16384"),
    ("OPENSSL:localhost:1,compress=much", "neither none nor auto"),
    ("OPENSSL:localhost:1,pin=1234", "no SHA-256"),
    ("OPENSSL:localhost:1,alpn=", "no list of protocols"),
    ("OPENSSL:localhost:1,sni-cert={tls}/server.pem", "servers only"),
    ("OPENSSL:localhost:1,dhparam={tls}/server.crt", "openssl-dhparam.*unsupported"),
    ("OPENSSL:localhost:1,fips", "openssl-fips"),
]


@pytest.mark.parametrize("address, words", WRONG)
def test_wrong_options(socat, tls, address, words):  # noqa: F811
    done = socat.run("STALL", address.format(tls=tls))
    assert done.status == 1 and re.search(words, errors(done)), done.stderr


def test_a_limit_of_the_other_protocol(socat, tls):  # noqa: F811
    """It limits nothing, which is told."""
    server = serve(socat, tls, options="verify=0,max-version=DTLS1.2")
    done = client(socat, server.port(), f"cafile={tls}/ca.pem,min-version=DTLS1")
    assert done.status == 0
    assert '"DTLS1" is no limit for TLS' in " ".join(log_lines(done.stderr, "W"))
    assert '"DTLS1.2" is no limit for TLS' in " ".join(log_lines(server.end().stderr, "W"))


def test_keylogfile(socat, tls, tmp_path):  # noqa: F811
    server = serve(socat, tls)
    client(socat, server.port(), f"cafile={tls}/ca.pem,keylogfile={tmp_path}/keys")
    keys = tmp_path / "keys"
    assert re.search(r"^CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]+$", keys.read_text(), re.M)
    assert keys.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name, seen", [("other.example", "other.example"),
                                        ("www.example.org", "wild"), ("localhost", "localhost"),
                                        ("unknown.example", "localhost")])
def test_certificate_by_name(socat, tls, name, seen):  # noqa: F811
    options = f"verify=0,sni-cert={tls}/other.pem,sni-cert={tls}/wild.pem"
    server = serve(socat, tls, options=options)
    done = socat.run("-d", "-d", "-d", "-", f"OPENSSL:localhost:{server.port()},snihost={name},"
                     f"commonname=,cafile={tls}/ca.pem")
    assert re.search(rf'peer cert subject: ".*CN = {re.escape(seen)}\b', done.stderr)


@pytest.mark.parametrize("options, seen", [("", "localhost"), (",no-sni", ""),
                                           (",snihost=a.example", "a.example")])
def test_name_that_is_asked_for(tls, socat, options, seen):  # noqa: F811
    names = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "server.pem")
    context.sni_callback = lambda s, name, c: names.append(name)
    with socket.create_server((LOCAL, 0)) as listener:
        running = socat.start("-", f"OPENSSL:localhost:{listener.getsockname()[1]},"
                              f"cafile={tls}/ca.pem{options}")
        with context.wrap_socket(listener.accept()[0], server_side=True) as peer:
            peer.unwrap()
        assert running.end(b"").status == 0
    assert names == [seen or None]


def test_sessions_are_resumed(socat, tls):  # noqa: F811
    """Tickets are good for all sessions of a listener."""
    server = serve(socat, tls, options="verify=0,fork")
    arguments = ["openssl", "s_client", "-ign_eof", "-connect", f"{LOCAL}:{server.port()}"]
    first = socat.commands.run([*arguments, "-sess_out", server.log.parent / "session"])
    again = socat.commands.run([*arguments, "-sess_in", server.log.parent / "session"])
    assert "hello" in first.stdout and "\nNew, TLSv1.3" in first.stdout
    assert "hello" in again.stdout and "\nReused, TLSv1.3" in again.stdout
    server.signal(signal.SIGTERM)


def test_client_resumes(socat, tls):  # noqa: F811
    """A client that connects again and again keeps the last session."""
    server = serve(socat, tls, "SYSTEM:echo x", options="verify=0,fork")
    peer = socat.start("-d", "-d", "-d", f"OPENSSL:localhost:{server.port()},cafile={tls}/ca.pem,"
                       "max-version=TLS1.2,fork,interval=0.05", "-")
    peer.wait_line("I SSL session resumed")
    assert peer.text().count("SSL session new") == 1
    peer.signal(signal.SIGTERM)
    server.signal(signal.SIGTERM)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_s_client(socat, tls, version):  # noqa: F811
    """Data of the client after its end of input still comes back."""
    server = serve(socat, tls, "SYSTEM:cat; echo late")
    s = socat.commands.run(["openssl", "s_client", "-quiet", "-no_ign_eof", version, "-connect",
                            f"{LOCAL}:{server.port()}"], input=b"")
    assert s.status == 0 and server.end().status == 0


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_s_server(socat, tls, free_port, version):  # noqa: F811
    port = free_port()
    peer = socat.commands.start(["openssl", "s_server", "-quiet", "-naccept", "1", version,
                                 "-accept", f"{LOCAL}:{port}", "-cert", tls / "server.pem"])
    done = socat.run("-u", "-", f"OPENSSL:localhost:{port},cafile={tls}/ca.pem,retry=100,"
                     "interval=0.05", input=b"to the server\n" * 1000)
    assert done.status == 0
    assert peer.stdout.read() == b"to the server\n" * 1000  # it would quit at the end of its stdin


def test_half_close_and_late_data(socat, tls):  # noqa: F811
    """What comes after our end of input is not lost, in both directions."""
    data = os.urandom(1 << 20)
    server = serve(socat, tls, "SYSTEM:cat >/dev/null; head -c 1000000 /dev/zero")
    done = client(socat, server.port(), f"cafile={tls}/ca.pem", input=data)
    assert done.status == 0 and done.raw_stdout == bytes(1000000)
    assert server.end().status == 0


@pytest.mark.parametrize("block", ["1", "3000", "16384", "70000"])
def test_blocks_smaller_than_records(socat, tls, block):  # noqa: F811
    """What the library holds decrypted is read although no packet comes any more."""
    data = os.urandom(20000)
    server = serve(socat, tls, "PIPE")
    done = socat.run("-b", block, "-", f"OPENSSL:localhost:{server.port()},cafile={tls}/ca.pem",
                     input=data)
    assert done.status == 0 and done.raw_stdout == data


def test_much_data_both_ways(socat, tls, tmp_path):  # noqa: F811
    """20 MB each way at once, compared byte by byte."""
    there, back = os.urandom(20 << 20), os.urandom(20 << 20)
    for name, data in [("there", there), ("back", back)]:
        (tmp_path / name).write_bytes(data)
    server = serve(socat, tls, f"OPEN:{tmp_path}/back,rdonly!!CREATE:{tmp_path}/got")
    done = socat.run(f"OPEN:{tmp_path}/there,rdonly!!-",
                     f"OPENSSL:localhost:{server.port()},cafile={tls}/ca.pem")
    assert done.status == 0 and done.raw_stdout == back
    assert server.end().status == 0 and (tmp_path / "got").read_bytes() == there


def test_end_without_goodbye(socat, tls):  # noqa: F811
    """Taken for an end, as upstream does, but not in silence."""
    server = serve(socat, tls, "-", options="verify=0")
    context = ssl.create_default_context(cafile=tls / "ca.pem")
    peer = context.wrap_socket(connect(server.port()), server_hostname="localhost")
    peer.sendall(b"data")
    socket.socket.shutdown(peer, socket.SHUT_WR)
    done = server.end()
    assert (done.status, done.stdout) == (0, "data")
    assert "no close_notify" in " ".join(log_lines(done.stderr, "W"))


@pytest.mark.parametrize("data, words", [
    (b"GET / HTTP/1.0\r\n\r\n", "speaks HTTP without TLS"),
    (b"\0" * 100, "does not speak TLS"), (b"SSH-2.0-x\r\n", "SSL_accept()"), (b"", "closed the connection"),
    (b"\x16\x03\x01\x40\x00" + b"\xff" * 100, "SSL_accept()"),
])
def test_garbage_instead_of_client(socat, tls, data, words):  # noqa: F811
    server = serve(socat, tls)
    with connect(server.port()) as peer:
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        read_all(peer)
    done = server.end()
    assert done.status == 1 and words in errors(done)


def test_garbage_instead_of_server(socat, tls):  # noqa: F811
    with socket.create_server((LOCAL, 0)) as listener:
        running = socat.start("-", f"OPENSSL:localhost:{listener.getsockname()[1]},verify=0")
        with listener.accept()[0] as peer:
            peer.sendall(b"220 mail.example ESMTP\r\n")
            done = running.end()
    assert done.status == 1 and "does not speak TLS" in errors(done)


def first_flight(tls):  # noqa: F811
    """The first message of a client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = ssl.create_default_context(cafile=tls / "ca.pem").wrap_bio(
        incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


def test_cut_at_many_places(socat, tls):  # noqa: F811
    """A listener outlives clients that stop anywhere in their first message."""
    hello = first_flight(tls)
    server = serve(socat, tls, options="verify=0,fork")
    for n in [1, 2, 4, 5, 6, 9, 43, 44, len(hello) // 2, len(hello) - 1]:
        with connect(server.port()) as peer:
            peer.sendall(hello[:n])
            peer.shutdown(socket.SHUT_WR)
            read_all(peer)
    assert client(socat, server.port(), f"cafile={tls}/ca.pem").stdout == "hello\n"
    wait_for(lambda: server.text().count(" E SSL_accept()") == 10, "ten errors")
    server.signal(signal.SIGTERM)


def test_server_cut_at_many_places(socat, tls):  # noqa: F811
    """A client says so wherever the server stops in its flight."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "server.pem")

    def cut(n):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = context.wrap_bio(incoming, outgoing, server_side=True)
        with socket.create_server((LOCAL, 0)) as listener:
            running = socat.start("-", f"OPENSSL:localhost:{listener.getsockname()[1]},"
                                  f"cafile={tls}/ca.pem")
            with listener.accept()[0] as peer:
                incoming.write(peer.recv(65536))
                with pytest.raises(ssl.SSLWantReadError):
                    session.do_handshake()
                peer.sendall(outgoing.read()[:n])
                peer.shutdown(socket.SHUT_WR)
                return running.end()

    for n in [0, 1, 5, 60, 100, 127, 128, 140, 600]:
        done = cut(n)
        assert done.status == 1 and "closed the connection" in errors(done), (n, done)


@pytest.mark.parametrize("option", ["handshake-timeout=0.2", "so-rcvtimeo=0.2"])
def test_stalled_client(socat, tls, option):  # noqa: F811
    server = serve(socat, tls, options=f"verify=0,{option}")
    with connect(server.port()) as peer:
        peer.sendall(b"\x16")
        done = server.end()
    assert done.status == 1 and "no answer within the time allowed" in errors(done)


def test_stalled_server(socat, tls):  # noqa: F811
    with socket.create_server((LOCAL, 0)) as listener:
        port = listener.getsockname()[1]
        done = socat.run("-", f"OPENSSL:localhost:{port},verify=0,connect-timeout=0.2")
    assert done.status == 1 and "no answer within the time allowed" in errors(done)


@pytest.mark.parametrize("server, client_options", [("", ""), (",method=DTLS1.2", ",maxfraglen=512")])
def test_dtls(socat, tls, server, client_options):  # noqa: F811
    running = socat.start("-dd", f"DTLS-LISTEN:0,cert={tls}/server.pem,verify=0{server}", "PIPE")
    port = int(running.wait_line(r" N listening on UDP .*:(\d+)$").group(1))
    peer = socat.start("-", f"DTLS:localhost:{port},cafile={tls}/ca.pem{client_options}")
    peer.process.stdin.write(b"one packet\n")
    peer.process.stdin.flush()
    assert peer.process.stdout.readline() == b"one packet\n"
    assert peer.end(b"").status == 0 and running.end().status == 0


def test_dtls_without_server(socat, tls, free_port):  # noqa: F811
    """ICMP says that nobody is there, or the time runs out."""
    done = socat.run("-", f"DTLS:{LOCAL}:{free_port()},verify=0,handshake-timeout=3", input=b"x")
    assert done.status == 1 and "SSL_connect()" in errors(done)


def test_over_a_terminal(socat, tls, tmp_path):  # noqa: F811
    """TLS over a line: one side has the pseudo terminal, the other opens its slave."""
    link = tmp_path / "line"
    server = socat.start("-dd", f"OPENSSL-LISTEN:0,cert={tls}/server.pem,verify=0,"
                         f"via=(PTY,raw,echo=0,link={link},wait-slave)", "PIPE")
    wait_for(link.exists)
    peer = socat.start("-", f"OPENSSL:localhost:0,cafile={tls}/ca.pem,via=({link},raw,echo=0)")
    peer.process.stdin.write(b"over a line\n")
    peer.process.stdin.flush()
    assert peer.process.stdout.readline() == b"over a line\n"
    peer.end(b"")
    server.end()


def test_over_tls_over_unix(socat, tls, tmp_path):  # noqa: F811
    path = tmp_path / "socket"
    outer = socat.start("-dd", f"OPENSSL-LISTEN:0,cert={tls}/rsa.pem,verify=0,via=(OPENSSL-LISTEN:0,"
                        f"cert={tls}/server.pem,verify=0,via=(UNIX-LISTEN:{path}))", "PIPE")
    outer.wait_line("listening on")
    data = os.urandom(300000)
    done = socat.run("-", f"OPENSSL:localhost:0,cafile={tls}/ca.pem,via=(OPENSSL:localhost:0,"
                     f"cafile={tls}/ca.pem,via=(UNIX-CONNECT:{path}))", input=data)
    assert done.status == 0 and done.raw_stdout == data


HAPROXY = """
defaults
    mode tcp
    timeout connect 5s
    timeout client 10s
    timeout server 10s
listen ends
    bind {local}:{front} ssl crt {tls}/server.pem
    server ours {local}:{back} ssl verify required ca-file {tls}/ca.pem sni str(localhost)
"""


def test_haproxy_on_both_sides(socat, tls, tmp_path, free_port):  # noqa: F811
    """Our client, HAProxy as TLS server and TLS client, our server."""
    haproxy = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
    if not haproxy:
        pytest.skip("haproxy is not installed")
    server = serve(socat, tls, "SYSTEM:cat; echo end")
    front = free_port()
    config = tmp_path / "haproxy.cfg"
    config.write_text(HAPROXY.format(local=LOCAL, front=front, back=server.port(), tls=tls))
    socat.commands.start([haproxy, "-db", "-q", "-f", config])
    data = os.urandom(500000)
    done = client(socat, front, f"cafile={tls}/ca.pem,retry=100,interval=0.05", input=data)
    assert done.status == 0 and done.raw_stdout == data + b"end\n"
    assert server.end().status == 0


def test_nofork_is_refused(socat, tls):  # noqa: F811
    server = serve(socat, tls, "EXEC:cat,nofork")
    client(socat, server.port(), "verify=0")
    assert "converts data" in errors(server.end())
