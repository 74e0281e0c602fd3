# SPDX-License-Identifier: MIT
"""The catalogue of addresses and options, as -hhh prints it, beside the original's."""

import re
import subprocess

import pytest

from conftest import original

# What 1.7.4.4 does not know yet, and what it calls otherwise than the 1.8.1.1 we follow.
NEWER_GROUPS = {"DCCP", "UDPLITE"}
OLDER_GROUPS = {"SOCKS4": "SOCKS"}
OLDER_TYPES = {"OFF32": "OFF_T", "OFF64": "OFF64_T"}
CHANGED = {("lockfile", "type"), ("waitlock", "type"), ("so-reuseaddr", "type"),
           ("umask", "groups"), ("umask", "phase"), ("end-close", "phase"), ("null-eof", "phase"),
           ("shut-none", "phase"), ("shut-down", "phase"), ("shut-close", "phase"),
           ("shut-null", "phase"), ("symbolic-link", "type"),
           ("ip-add-membership", "type"), ("ipv6-join-group", "type"), ("so-peercred", "type"),
           ("tun-device", "type")}
# The resolver's options are kept per address since 1.8.
CHANGED |= {(f"res-{name}", "phase") for name in [
    "debug", "usevc", "igntc", "recurse", "defnames", "stayopen", "dnsrch", "retrans", "retry",
    "nsaddr"]}


# The tables of tcpwrap are names of files since 1.8.
CHANGED |= {(f"tcpwrap-{name}", "type") for name in ["etc", "hosts-allow-table",
                                                     "hosts-deny-table"]}


# So is what TLS reads.
CHANGED |= {(f"openssl-{name}", "type") for name in ["cafile", "capath", "certificate", "dhparam",
                                                     "egd", "key"]}
CHANGED |= {(f"openssl-{end}-proto-version", "phase") for end in ["min", "max"]}


# Options of interfaces were of phase FD; TUN took options of named files.
CHANGED |= {(f"iff-{flag}", "phase") for flag in [
    "up", "broadcast", "debug", "loopback", "pointopoint", "notrailers", "running", "noarp",
    "promisc", "allmulti", "master", "slave", "multicast", "portsel", "automedia"]}
CHANGED_ADDRESSES = {"interface", "tun"}


def catalogue(text):
    """Addresses, options, aliases: name to what the line says of it."""
    addresses, options, aliases = {}, {}, {}
    part = None
    for line in text.splitlines():
        if line.startswith("   address-head:"):
            part = addresses
        elif line.startswith("   opts:"):
            part = options
        name = re.match(r" {6}([^\s:\[<]+)", line)
        if part is None or not name:
            continue
        of = re.search(r"is an alias (?:name )?for (\S+)", line)
        if of:
            aliases[name[1].lower()] = of[1].lower()
        else:
            words = re.findall(r"(groups|phase|type)=(\S+)", line)
            row = {key: set(value.split(",")) - NEWER_GROUPS for key, value in words}
            row = {key: {OLDER_GROUPS.get(word, word) for word in row[key]} for key in row}
            row["type"] = {OLDER_TYPES.get(word, word) for word in row.get("type", ())}
            part[name[1].lower()] = row
    return addresses, options, aliases


@pytest.fixture(scope="module")
def both(sockbox):
    def ask(argv):
        return catalogue(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    return ask([sockbox, "socat", "-hhh"]), ask([original("socat"), "-hhh"])


def test_there_is_something_to_compare(both):
    for addresses, options, aliases in both:
        assert len(addresses) > 40 and len(options) > 150 and len(aliases) > 150


def test_option_rows(both):
    (_, ours, _), (_, theirs, _) = both
    wrong = [(name, key, ours[name][key], theirs[name][key])
             for name in ours if name in theirs
             for key in ("groups", "phase", "type")
             if (name, key) not in CHANGED and ours[name][key] != theirs[name][key]]
    assert not wrong


def test_address_groups(both):
    (ours, _, _), (theirs, _, _) = both
    wrong = [(name, ours[name]["groups"], theirs[name]["groups"])
             for name in ours if name in theirs and ours[name] != theirs[name]
             and name not in CHANGED_ADDRESSES]
    assert not wrong


def test_aliases(both):
    (our_addresses, our_options, ours), (_, _, theirs) = both
    have = set(our_addresses) | set(our_options)
    missing = [(alias, of) for alias, of in theirs.items()
               if of in have and ours.get(alias) != of]
    assert not missing
