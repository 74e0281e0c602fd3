# SPDX-License-Identifier: MIT
"""What a user reads when a handshake fails, on both sides: what was expected, what was found, who
signed it, which option decides, which side is too old.  With real certificates."""

import pytest

from certificates import certificates, tls  # noqa: F401
from socat_kit import log_lines, socat  # noqa: F401

CA = "cafile={tls}/ca.pem"
MTLS = "cafile={tls}/ca.pem,cert={tls}/"

# case: certificate and options of the server, options of the client; words of the client's
# message, of the server's.  None: that side has nothing to say about it.
CASES = {
    "expired": (
        "expired", "verify=0", CA,
        ['"CN = localhost" signed by "CN = ca"', "has expired: ", " GMT", "clock", "verify=0"],
        ["our certificate has expired", "option cert"]),
    "not yet valid": (
        "future", "verify=0", CA,
        ['signed by "CN = ca"', "not yet valid: Jan  1 00:00:00 2099 GMT", "clock", "verify=0"],
        ["refuses our certificate", "option cert"]),
    "wrong name": (
        "other", "verify=0", CA,
        ['hostname "localhost"', '"CN = other.example" (DNS:other.example)', 'signed by "CN = ca"',
         "commonname=NAME"], None),
    "wildcard of another level": (
        "wild", "verify=0", CA + ",commonname=a.b.example.org",
        ['hostname "a.b.example.org"', "DNS:*.example.org", 'signed by "CN = ca"', "commonname"],
        None),
    "untrusted": (
        "untrusted", "verify=0", CA,
        ['"CN = localhost" signed by "CN = stranger"', '"CN = stranger" is not trusted here',
         'ca.pem" vouches', "options cafile and capath"],
        ["does not trust who has signed our certificate", "option cert"]),
    "untrusted by the system": (
        "untrusted", "verify=0", "verify",
        ['signed by "CN = stranger"', "system's authorities", "options cafile and capath"],
        ["does not trust"]),
    "missing chain": (
        "deep", "verify=0", CA,
        ['signed by "CN = middle"', '"CN = middle" is not trusted here, nor did the peer send it',
         "options cafile and capath"], ["does not trust"]),
    "unknown root": (
        "chain", "verify=0", "cafile={tls}/stranger.pem",
        ['"CN = middle" signed by "CN = ca"', '"CN = ca" is not trusted here',
         'stranger.pem" vouches'], ["does not trust"]),
    "self-signed": (
        "self", "verify=0", CA,
        ['"CN = self" signed by "CN = self"', "self-signed", "options cafile and capath"],
        ["does not trust"]),
    "wrong key": (
        "server", "verify=0", CA + ",pin=sha256//" + "A" * 43,
        ["sha256//", 'option "pin"', "CN = localhost", 'signed by "CN = ca"'], None),
    "no client certificate": (
        "server", CA, CA, None,
        ["expected was a certificate of the client", "option verify=0"]),
    "no client certificate, TLS 1.2": (
        "server", CA + ",max-version=TLS1.2", CA, ["wants one of ours (option cert)"],
        ["expected was a certificate of the client", "option verify=0"]),
    "untrusted client": (
        "server", CA, MTLS + "untrusted.pem", None,
        ['"CN = localhost" signed by "CN = stranger"', 'ca.pem" vouches', "cafile"]),
    "expired client": (
        "server", CA, MTLS + "expired.pem", None, ["has expired: ", 'signed by "CN = ca"']),
    "wrong name of the client": (
        "server", CA + ",commonname=boss", MTLS + "client.pem", None,
        ['"boss"', "CN = client one", 'signed by "CN = ca"', "commonname"]),
    "client too old": (
        "server", "verify=0,min-version=TLS1.3", CA + ",max-version=TLS1.2",
        ["this side is too old for the server: TLSv1.2 is the most that is allowed here "
         "(option max-proto-version)"],
        ["the client is too old: it does not speak TLSv1.3 or newer (option min-proto-version)"]),
    "client too old by its method": (
        "server", "verify=0,min-version=TLS1.3", CA + ",method=TLS1.2",
        ["this side is too old for the server: TLSv1.2 is the most that is allowed here "
         "(option method)"],
        ["the client is too old: it does not speak TLSv1.3 or newer"]),
    "server too old": (
        "server", "verify=0,max-version=TLS1.2", CA + ",min-version=TLS1.3",
        ["the server is too old: it does not speak TLSv1.3 or newer (option min-proto-version)"],
        ["this side is too old for the client: TLSv1.2 is the most that is allowed here "
         "(option max-proto-version)"]),
    "server too old by its method": (
        "server", "verify=0,method=TLS1.2", CA + ",method=TLS1.3",
        ["the server is too old: it does not speak TLSv1.3 or newer (option method)"],
        ["this side is too old for the client: TLSv1.2 is the most that is allowed here "
         "(option method)"]),
    "ciphers": (
        "server", "verify=0,max-version=TLS1.2,cipher=ECDHE-ECDSA-AES256-GCM-SHA384",
        CA + ",cipher=ECDHE-ECDSA-AES128-GCM-SHA256",
        ["options cipher, ciphersuites, groups"],
        ["no cipher in common", "options cipher and ciphersuites", "option cert"]),
    "cipher suites of TLS 1.3": (
        "server", "verify=0,ciphersuites=TLS_AES_256_GCM_SHA384,min-version=TLS1.3",
        CA + ",ciphersuites=TLS_AES_128_GCM_SHA256", ["options cipher, ciphersuites, groups"],
        ["no cipher in common"]),
    "groups": (
        "server", "verify=0,groups=P-384", CA + ",groups=P-256",
        ["options cipher, ciphersuites, groups"], ["no group in common (option groups)"]),
    "protocols over TLS": (
        "server", "verify=0,alpn=a", CA + ",alpn=b", ["option alpn"], ["option alpn"]),
}


def check(done, words):
    """One error, of one line, with all the words."""
    lines = log_lines(done.stderr, "E")
    assert done.status == 1 and len(lines) == 1, done
    assert [word for word in words if word not in lines[0]] == [], lines[0]


@pytest.mark.parametrize("case", CASES)
def test_what_is_said(socat, tls, case):  # noqa: F811
    certificate, ours, theirs, client_says, server_says = CASES[case]
    server = socat.serve(f"OPENSSL-LISTEN:0,cert={tls}/{certificate}.pem,{ours.format(tls=tls)}",
                         "SYSTEM:echo hello")
    done = socat.run("-", f"OPENSSL:localhost:{server.port()},{theirs.format(tls=tls)}")
    ended = server.end()
    assert done.stdout == ""
    if client_says:
        check(done, client_says)
    if server_says:
        check(ended, server_says)


# certificate of the client; words of its warning.
LATE = [
    ("", "the server wants a certificate of ours"),
    (",cert={tls}/untrusted.pem", "does not trust who has signed our certificate"),
    (",cert={tls}/expired.pem", "our certificate has expired"),
]


@pytest.mark.parametrize("certificate, words", LATE)
def test_refused_after_the_handshake(socat, tls, certificate, words):  # noqa: F811
    """With TLS 1.3 a client learns that its certificate was refused when it reads."""
    server = socat.serve(f"OPENSSL-LISTEN:0,cert={tls}/server.pem,cafile={tls}/ca.pem", "STALL")
    done = socat.run("-u", f"OPENSSL:localhost:{server.port()},cafile={tls}/ca.pem"
                     + certificate.format(tls=tls), "-")
    assert done.status == 1 and words in " ".join(log_lines(done.stderr, "W")), done
    assert server.end().status == 1
