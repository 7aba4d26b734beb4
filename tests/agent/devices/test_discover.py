# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.credential import Community
from giamsat_agent.devices.discover import ADDRESSES, Found, addresses, assets, discover, named, proposal, unseen
from giamsat_agent.devices.errors import RangeError
from giamsat_agent.devices.neighbours import Neighbour
from support import snmp_agent


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("192.0.2.7", ["192.0.2.7"]),
        ("192.0.2.0/30", ["192.0.2.1", "192.0.2.2"]),
        ("192.0.2.4/31", ["192.0.2.4", "192.0.2.5"]),
        ("192.0.2.254-192.0.3.1", ["192.0.2.254", "192.0.2.255", "192.0.3.0", "192.0.3.1"]),
    ],
)
def test_a_range_is_written_in_three_ways(said, expected):
    assert addresses(said) == expected


@pytest.mark.parametrize("said", ["", "sw1", "192.0.2.9-192.0.2.1", "10.0.0.0/8", "192.0.2.1-", "2001:db8::/64"])
def test_what_is_no_range_or_too_large_is_refused(said):
    with pytest.raises(RangeError):
        addresses(said)


def test_the_largest_range_is_a_20():
    assert len(addresses("10.0.0.0/20")) == ADDRESSES - 2


@pytest.mark.peer("snmpd")
def test_a_real_agent_is_found_among_addresses_that_are_silent(tmp_path):
    told = []
    with snmp_agent.running(tmp_path) as port:
        wanted = addresses("127.0.0.1-127.0.0.2")
        credential = Community(2, snmp_agent.COMMUNITY)
        found = list(discover(wanted, credential, port=port, timeout_s=10, per_second=100, looked=told.append))

    by_address = {one.address: one for one in found}
    assert (by_address["127.0.0.1"].snmp, by_address["127.0.0.1"].name) == (True, "thu-nghiem")
    assert by_address["127.0.0.1"].os == "linux"
    assert told == [1, 2]
    if "127.0.0.2" in by_address:
        assert not by_address["127.0.0.2"].snmp
        assert by_address["127.0.0.2"].problem


@pytest.mark.parametrize(("name", "expected"), [("core vinh", "core-vinh"), ('"]\n[x', "x"), ("", "192.0.2.1")])
def test_a_proposal_is_configuration_that_names_cannot_break(name, expected):
    ((called, found),) = named([Found("192.0.2.1", None, snmp=True, name=name)]).items()
    said = proposal(called, found, 161, 'community_file = "secret"')

    assert said == f'[[device]]\nname = "{expected}"\naddress = "192.0.2.1"\ncommunity_file = "secret"\n'


def test_devices_that_call_themselves_alike_are_told_apart_and_a_proposal_says_what_is_before():
    alike = [Found(f"192.0.2.{n}", None, snmp=n < 3, name="MikroTik") for n in range(1, 4)]
    first, second = named(alike)

    assert (first, second) == ("MikroTik", "MikroTik-192.0.2.2")
    assert proposal(second, alike[1], 1161, "x = 1", first).endswith('"192.0.2.2:1161"\nx = 1\nbehind = "MikroTik"\n')


def test_devices_are_proposed_to_the_registry_as_a_file_of_assets():
    assert assets(["sw1", "fw-1"], "40.412.16663").splitlines() == [
        "id,name,kind,unit,systems",
        "40.412.16663-sw1,sw1,device,40.412.16663,",
        "40.412.16663-fw-1,fw-1,device,40.412.16663,",
    ]


def test_who_is_only_named_by_others_is_told_with_those_who_say_so():
    neighbours = (Neighbour("arp", "1", address="192.0.2.2"), Neighbour("arp", "1", address="198.51.100.1"))
    found = [
        Found("192.0.2.1", None, snmp=True, name="core", neighbours=neighbours),
        Found("192.0.2.3", ping=True, snmp=False),
    ]

    assert unseen(found, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) == {"192.0.2.2": ["core"]}
