# SPDX-License-Identifier: MIT
"""--all-netns and -N: namespaces with names, below a /run of their own."""

import json
import os
import shutil

import pytest

pytestmark = [pytest.mark.skipif(os.geteuid() != 0, reason="enters namespaces"),
              pytest.mark.usefixtures("own_mounts")]

# Two named namespaces, the first with a connection; then "$@".  A mount namespace of its own hides
# those of the host.
NAMED = """
mount -t tmpfs tmpfs /run && ip netns add first && ip netns add second &&
ip netns exec first ip link set lo up || exit 77
mkfifo /run/told
ip netns exec first /usr/bin/python3 -c '
import signal, socket
a = socket.create_server(("127.8.7.6", 7400))
c = socket.create_connection(("127.8.7.6", 7400)); s, _ = a.accept()
open("/run/told", "w").close(); signal.pause()' &
server=$!
: < /run/told
"$@"
status=$?
kill $server
exit $status
"""
# An address that no other test has in its namespace.
CONNECTION = "src 127.8.7.6 or dst 127.8.7.6"


def run_named(run, words, before=""):
    if not shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        pytest.skip("needs ip (iproute2)")
    script = NAMED.replace('"$@"', f'{before}\n"$@"')
    done = run(["unshare", "--mount", "sh", "-c", script, "sh", *words])
    if done.status == 77:
        pytest.skip(f"no namespaces: {done.stderr}")
    return done


def test_names_and_both_ends(run):
    done = run_named(run, ["ss", "-tanp", "--all-netns", "--peers", "--json-lines", CONNECTION])
    assert (done.status, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["netns"], row["state"]) for row in rows] == \
        [("first", "LISTEN"), ("first", "ESTAB"), ("first", "ESTAB")]
    here, there = rows[1], rows[2]
    for one, other in [(here, there), (there, here)]:
        assert one["peer_processes"] == other["processes"]


def test_one_that_cannot_be_entered_is_told_and_the_others_follow(run):
    done = run_named(run, ["sockbox", "list", "-t", "--all-netns", "--csv", "--fields",
                           "netns,local_port", "src 127.8.7.6"], before=": > /run/netns/broken")
    assert (done.status, done.stdout) == (1, "netns,local_port\nfirst,7400\nfirst,7400\n")
    assert done.stderr == "sockbox list: network namespace broken: Invalid argument\n"


def test_groups_of_namespaces_are_cut(run):
    options = ["ss", "-tan", "--all-netns", "--group-by", "netns", "--csv"]
    assert run_named(run, [*options, CONNECTION]).stdout == \
        "group,sockets,recv_q,send_q\nfirst,3,0,128\n"
    assert run_named(run, ["ss", "-tan", "--all-netns", "--top", "1", "--csv", "--fields", "netns",
                           CONNECTION]).stdout == "netns\nfirst\n"


def test_one_by_its_name(run):
    done = run_named(run, ["ss", "-N", "first", "-tan", "--csv", "--fields", "netns,state"])
    assert (done.status, done.stdout, done.stderr) == \
        (0, "netns,state\n,LISTEN\n,ESTAB\n,ESTAB\n", "")
    assert run_named(run, ["ss", "-N", "second", "-taH"]).stdout == ""
    nobody = run_named(run, ["ss", "-N", "third", "-ta"])
    assert (nobody.status, nobody.stderr) == \
        (1, 'Cannot open network namespace "third": No such file or directory\n')
