# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_agent.devices.mib import parse
from giamsat_agent.devices.profile import Clue, Profile, choose, every

OID = re.compile(r"(\.\d+)+")


def made(prefix, description=None):
    return Profile(
        "os",
        "vendor",
        (prefix,),
        re.compile(description) if description else None,
        (),
        (),
        (),
        parse("os", {}),
        (),
    )


@pytest.mark.parametrize(
    ("object_id", "description", "expected"),
    [
        (".1.3.6.1.4.1.12356.101.1.1006", "", "fortigate"),
        (".1.3.6.1.4.1.8072.3.2.10", "Linux edge 6.1", "linux"),
        (".1.3.6.1.4.1.14988.1", "RouterOS CCR", "routeros"),
        (".1.3.6.1.4.1.9.1.1", "Cisco IOS Software, C2900 Software, Version 15.2", "ios"),
        (".1.3.6.1.4.1.9.1.1", "Cisco IOS Software [Cupertino], Catalyst L3 Switch, IOS-XE, Version 17.9.1", "iosxe"),
    ],
)
def test_a_device_is_told_by_its_identifier_and_description(object_id, description, expected):
    assert choose(object_id, description).os == expected


@pytest.mark.parametrize("object_id", ["", ".", ".1.3.6.1.4.1.1235", ".1.3.6.1.4.1.4294967295.1"])
def test_what_no_profile_knows_has_none(object_id):
    assert choose(object_id, "") is None


def test_an_identifier_is_matched_by_whole_numbers():
    assert made(".1.3.6.1.4.1.9").weight(".1.3.6.1.4.1.99.1", "") == 0
    assert made(".1.3.6.1.4.1.9").weight(".1.3.6.1.4.1.9.1", "") > 0


def test_the_longer_identifier_wins_and_then_the_description():
    same = ".1.3.6.1.4.1.9"
    weights = [
        made(".1.3.6.1.4.1").weight(same, "ASA"),
        made(same).weight(same, "ASA"),
        made(same, "ASA").weight(same, "ASA"),
    ]

    assert weights == sorted(set(weights))
    assert made(same, "NX").weight(same, "ASA") == 0


@pytest.mark.parametrize("one", every(), ids=lambda one: one.os)
def test_every_shipped_profile_names_only_whole_objects(one):
    assert all(OID.fullmatch(oid) for oid in (*(clue.oid for clue in one.clues if clue.oid), *one.prefixes))
    assert all(clue.oid or clue.chassis or clue.pattern for clue in one.clues)


@pytest.mark.parametrize(
    ("clue", "said", "expected"),
    [
        (Clue(oid=".1"), "7.2.5", "7.2.5"),
        (Clue(pattern=re.compile("Version (\\S+)")), "IOS Version 15.2", "15.2"),
        (Clue(pattern=re.compile("Version \\S+")), "IOS Version 15.2", "Version 15.2"),
        (Clue(pattern=re.compile("^FGT_(.+)"), template="FortiGate \\1"), "FGT_60F", "FortiGate 60F"),
        (Clue(pattern=re.compile("^FGT_(.+)")), "SOHO", ""),
    ],
)
def test_a_clue_picks_the_part_that_counts(clue, said, expected):
    assert clue.pick(said) == expected


def test_no_two_profiles_have_one_name():
    names = [one.os for one in every()]

    assert len(names) == len(set(names)) >= 40
