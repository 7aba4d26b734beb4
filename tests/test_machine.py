# SPDX-License-Identifier: Apache-2.0
"""What the whole suite stands on: no test leaves this machine, and no test is left out in silence."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import network, peers
from support.capture import DNS, DNSQR, IP, TCP, UDP, by_scapy, frame
from support.patience import PUT_OFF_S, Patience, stalled_s

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "::1", "localhost", "", "fe80::1%eth0", "192.0.2.7", "::ffff:127.0.0.1", None]
)
def test_addresses_of_this_machine_and_of_documentation_are_ours(host):
    assert network.is_own(host)


@pytest.mark.parametrize(
    "host", ["9.9.9.9", "10.0.0.1", "2606:4700::1", "index.example", b"index.example", "169.254.169.254"]
)
def test_every_other_address_and_name_is_not(host):
    assert not network.is_own(host)


def test_a_test_cannot_connect_outside():
    with socket.socket() as outside, pytest.raises(network.NetworkRefusedError, match=r"connect to 9\.9\.9\.9"):
        outside.connect(("9.9.9.9", 53))


def test_a_test_cannot_ask_for_a_name():
    with pytest.raises(network.NetworkRefusedError, match=r"getaddrinfo to index\.example"):
        socket.getaddrinfo("index.example", 443)


def test_unix_sockets_are_not_the_network(tmp_path):
    with socket.socket(socket.AF_UNIX) as inside, pytest.raises(FileNotFoundError):
        inside.connect(str(tmp_path / "nobody"))


def test_the_callers_settings_do_not_reach_a_test():
    assert not [name for name in os.environ if name.startswith("GIAMSAT_") or name.lower().endswith("_proxy")]


def test_free_ports_are_different_and_free(free_ports):
    ports = free_ports(3)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[0]))

    assert len(set(ports)) == 3


def test_a_port_that_was_given_and_nobody_listens_on_yet_is_not_given_again(free_ports):
    given = [port for _ in range(100) for port in free_ports(2)]

    assert len(set(given)) == len(given)


def inner_run(folder, **environment):
    """Run a suite of one test under this suite's own conftest, on a machine that has no peers at all."""
    (folder / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    test = folder / "test_it.py"
    test.write_text("import pytest\n\n\n@pytest.mark.peer('sshd', 'promtool')\ndef test_it():\n    pass\n")
    hide = "import sys, peers, pytest; peers.HIDDEN = (); sys.exit(pytest.main(sys.argv[1:]))"
    settings = ["-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, "-c", hide, *settings, str(test)],
        env={"PATH": "/nowhere", "PYTHONPATH": f"{TESTS}:{ROOT / 'packaging' / 'dev'}", **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_skip_for_a_missing_peer_is_named_with_its_group_at_the_end(tmp_path):
    ran = inner_run(tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "groups of tests not run on this machine" in ran.stdout
    assert (
        "   1 x logins seen at a real OpenSSH server: sshd is missing (apt-get install openssh-server)\n" in ran.stdout
    )


def test_with_ci_true_the_same_skip_is_a_failure(tmp_path):
    ran = inner_run(tmp_path, CI="true")

    assert ran.returncode == 1
    assert "CI=true: a skip is a failure" in ran.stdout


def test_skips_are_counted_by_what_they_need():
    reasons = [f"Skipped: {peers.REASON}a: x; b: y", f"Skipped: {peers.REASON}a: x"]

    assert peers.groups_not_run(reasons) == {"a: x": 2, "b: y": 1}


def test_seconds_in_which_programs_waited_for_the_machine_do_not_count_up_to_a_minute():
    passed, stalled = [100.0], [7.0]
    patience = Patience(5, clock=lambda: passed[0], stalled=lambda: stalled[0])
    passed[0], stalled[0] = 120.0, 24.0
    assert (patience.spent_s(), patience.lasts()) == (3.0, True)

    passed[0] = 122.5
    assert not patience.lasts()
    passed[0], stalled[0] = 100.0 + PUT_OFF_S + 5, 1_000.0
    assert not patience.lasts()


def test_how_long_programs_waited_is_what_the_kernel_counts_or_nothing(tmp_path):
    (tmp_path / "cpu").write_text("some avg10=1.00 avg60=0.50 avg300=0.10 total=2500000\nfull avg10=0.00 total=9\n")

    assert (stalled_s(tmp_path), stalled_s(tmp_path / "none")) == (2.5, 0.0)


SHORT, LONG = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
ADDRESSES = {"src": st.ip_addresses(v=4).map(str), "dst": st.ip_addresses(v=4).map(str)}
PORTS = {"sport": SHORT, "dport": SHORT}
OF_TCP = {"flags": st.sampled_from(["", "S", "PA", "FSRPAUECN"]), "seq": LONG, "ack": LONG, "window": SHORT}
ABOVE = st.binary(max_size=40) | st.just(DNS(rd=1, qd=DNSQR(qname="a.example")))


@given(
    st.fixed_dictionaries(ADDRESSES, optional={"ttl": st.integers(0, 0xFF)}).map(lambda given: IP(**given)),
    st.fixed_dictionaries(PORTS, optional=OF_TCP).map(lambda given: TCP(**given))
    | st.fixed_dictionaries(PORTS).map(lambda given: UDP(**given)),
    ABOVE,
)
def test_an_ordinary_frame_is_what_scapy_writes_of_it(ip, transport, said):
    assert frame(ip, transport, said) == by_scapy(ip, transport, said)


@pytest.mark.parametrize("more", [{"id": 7}, {"frag": 1}, {"options": ["NOP"] * 4}], ids=str)
def test_so_is_one_with_fields_that_are_not_ordinary(more):
    layers = IP(src="10.0.0.5", dst="192.0.2.80", **more), UDP(sport=1, dport=53), b"x"

    assert frame(*layers) == by_scapy(*layers)
