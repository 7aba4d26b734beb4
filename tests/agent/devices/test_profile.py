# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_agent.devices.mib_file import parse
from giamsat_agent.devices.profile import ANY, Clue, Match, Profile, choose, every, maker, questions

OID = re.compile(r"(\.\d+)+")
NET_SNMP = ".1.3.6.1.4.1.8072.3.2.10"
DSM_MODEL, QTS_MODEL, GAIA_NAME = (
    ".1.3.6.1.4.1.6574.1.5.1.0",
    ".1.3.6.1.4.1.24681.1.2.12.0",
    ".1.3.6.1.4.1.2620.1.6.5.1.0",
)


def made(prefix, description=None, answers=""):
    return Profile(
        "os",
        "vendor",
        (Match((prefix,), re.compile(description) if description else None, answers),),
        (),
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


def described(clues, description):
    """What the first clue that needs nothing but the description finds there."""
    found = (clue.pick(description) for clue in clues if clue.pattern and not clue.oid and not clue.chassis)
    return next((text for text in found if text), "")


@pytest.mark.parametrize(
    ("object_id", "description", "told"),
    [
        (
            ".1.3.6.1.4.1.12325.1.1.2.1.1",
            "pfSense gw.example 2.7.2-RELEASE FreeBSD 14.0-CURRENT amd64",
            ("pfsense", "2.7.2-RELEASE", ""),
        ),
        (".1.3.6.1.4.1.8072.3.2.8", "FreeBSD pfSense.home.arpa 14.0-CURRENT FreeBSD 14.0 amd64", ("pfsense", "", "")),
        (".1.3.6.1.4.1.8072.3.2.8", "FreeBSD OPNsense.localdomain 13.2-RELEASE-p7 amd64", ("opnsense", "", "")),
        (
            ".1.3.6.1.4.1.12325.1.1.2.1.1",
            "OPNsense gw.example 24.7.1-3f9a1c2 OPNsense FreeBSD 14.1-RELEASE-p3 amd64",
            ("opnsense", "24.7.1-3f9a1c2", ""),
        ),
        (".1.3.6.1.4.1.367.1.1", "RICOH MP 2555 2.07 / RICOH Network Printer C model", ("printer", "2.07", "MP 2555")),
        ("", "KONICA MINOLTA bizhub C258", ("printer", "", "bizhub C258")),
        (".1.3.6.1.4.1.8072.3.2.8", "FreeBSD db 13.2-RELEASE-p7 FreeBSD amd64", ("freebsd", "13.2-RELEASE-p7", "")),
        (
            ".1.3.6.1.4.1.2636.1.1.1.2.135",
            "Juniper Networks, Inc. srx345 internet router, kernel JUNOS 20.4R3-S2.6, Build date: 2022-02-03",
            ("junos", "20.4R3-S2.6", ""),
        ),
        (
            ".1.3.6.1.4.1.8741.1",
            "SonicWall NSa 2700 (SonicOS 7.0.1-5095-R3599)",
            ("sonicwall", "7.0.1-5095-R3599", "NSa 2700"),
        ),
        (
            ".1.3.6.1.4.1.8741.1",
            "SonicWALL TZ 400 (SonicOS Enhanced 6.5.4.8-89n)",
            ("sonicwall", "6.5.4.8-89n", "TZ 400"),
        ),
        (".1.3.6.1.4.1.890.1.15", "USG FLEX 200", ("zywall", "", "USG FLEX 200")),
        (".1.3.6.1.4.1.890.1.15", "GS1920-24", ("zynos", "", "GS1920-24")),
        (".1.3.6.1.4.1.14988.2", "SwOS CSS326-24G-2S+", ("routeros", "", "CSS326-24G-2S+")),
        (".1.3.6.1.4.1.6876.4.1", "VMware ESXi 7.0.3 build-20328353 VMware, Inc. x86_64", ("vmware-esxi", "7.0.3", "")),
        (
            ".1.3.6.1.4.1.3902.3.600.3.1.1000",
            "ZXR10 5960-32DL, ZTE ZXR10 Software Version: V3.02.10",
            ("zxr10", "V3.02.10", "5960-32DL"),
        ),
        (
            ".1.3.6.1.4.1.25506.11.1.181",
            "HPE Comware Platform Software, Software Version 7.1.070, R6308\r\nHPE FF 5710 48SFP+ 6QS+ Switch\r\n",
            ("comware", "7.1.070", "FF 5710 48SFP+ 6QS+ Switch"),
        ),
        (
            ".1.3.6.1.4.1.25506.1.1234",
            "H3C Comware software. H3C SecPath F100-C-G2. Comware Software, Version 7.1.064, Release 9333P30",
            ("comware", "7.1.064", "SecPath F100-C-G2"),
        ),
        (
            ".1.3.6.1.4.1.12325.1.1.2.1.1",
            "pfSense gw.example 2.4.5-RELEASE pfSense FreeBSD 11.3-STABLE amd64",
            ("pfsense", "2.4.5-RELEASE", ""),
        ),
        (
            ".1.3.6.1.4.1.14988.1",
            "RouterOS hEX S 7.30.1 (long-term)",
            ("routeros", "7.30.1", "hEX S"),
        ),
        (
            ".1.3.6.1.4.1.7367",
            "DrayTek Corporation, Router Model: Vigor2927 Series, Version: 4.4.3.1, Build Date/Time:Jan 9 2024",
            ("draytek", "4.4.3.1", "Vigor2927"),
        ),
        (
            ".1.3.6.1.4.1.9.1.9999",
            "Cisco IOS XR Software (Cisco NCS-540 Series), Version 7.5.2[Default]",
            ("iosxr", "7.5.2", ""),
        ),
        (".1.3.6.1.4.1.9.1.9999", "Cisco Controller", ("ciscowlc", "", "")),
        (".1.3.6.1.4.1.9.1.9999", "Catalyst 1200 Series Smart Switch (C1200-16T-2G)", ("ciscosb", "", "C1200-16T")),
        (
            ".1.3.6.1.4.1.2011.2.999",
            "Huawei YunShan OS\r\nVersion 1.23.0.1 (S5735-L V600R023C00SPC500)\r\nCopyright (C) 2021-2024",
            ("vrp", "1.23.0.1 (V600R023C00SPC500)", "S5735-L"),
        ),
        (NET_SNMP, "Linux NAS 4.4.302+ #69057 SMP x86_64 GNU/Linux", ("linux", "4.4.302+", "GNU/Linux")),
        (NET_SNMP, "Linux utm 3.12.74-0.g1a2b3c4.rb5-smp64 #1 SMP x86_64", ("sophos-utm", "", "x86_64")),
        (NET_SNMP, "Barracuda Spam Firewall", ("barracuda", "", "Spam Firewall")),
        (NET_SNMP, "UAP-AC-Pro-Gen2 6.6.55.15189", ("unifi", "6.6.55.15189", "UAP-AC-Pro-Gen2")),
        (NET_SNMP, "USW-Flex-2.5G 2.1.8.971, Linux 5.4", ("edgeswitch", "2.1.8.971", "USW-Flex-2.5G")),
        (".1.3.6.1.4.1.4413", "Some other maker's switch, 1.2.3.4", (None, "", "")),
        ("", "WatchGuard Fireware", ("firebox", "", "")),
        ("", "Cisco Controller", ("ciscowlc", "", "")),
        (
            ".1.3.6.1.4.1.6876.4.7",
            "VMware-vCenter-Server-Appliance 8.0.2.00100 build-1 VMware, Inc.",
            ("vmware-vcsa", "8.0.2.00100", ""),
        ),
        (".1.3.6.1.4.1.232.9.4.11", "Integrated Lights-Out 5 3.01 Feb 2 2024", ("hpe-ilo", "3.01", "")),
        ("", "Dell Out-of-band SNMP Agent for Remote Access Controller", ("drac", "", "")),
        (".1.3.6.1.4.1.171.10.153.5.1", "WS6-DGS-1210-10/ME 7.03.B012", ("dlink", "7.03.B012", "DGS-1210-10/ME")),
        (
            ".1.3.6.1.4.1.171.10.76.44.1",
            "DGS-1510-28X Gigabit Ethernet SmartPro Switch, Firmware: 1.80.006",
            ("dlink", "1.80.006", "DGS-1510-28X"),
        ),
        (NET_SNMP, "Linux pve1 6.8.12-4-pve #1 SMP PREEMPT_DYNAMIC PMX x86_64", ("proxmox", "6.8.12-4-pve", "x86_64")),
        (NET_SNMP, "Linux lab-pve 6.8.0-45-generic #45-Ubuntu SMP x86_64", ("linux", "6.8.0-45-generic", "x86_64")),
        (NET_SNMP, "Linux PVE 6.8.0-45-generic #45-Ubuntu SMP x86_64", ("linux", "6.8.0-45-generic", "x86_64")),
        (NET_SNMP, "Linux TS-APP01 6.8.0-45-generic #45-Ubuntu SMP x86_64", ("linux", "6.8.0-45-generic", "x86_64")),
        (NET_SNMP, "Linux iDRAC-jump 6.8.0-45-generic #45-Ubuntu SMP x86_64", ("linux", "6.8.0-45-generic", "x86_64")),
        (NET_SNMP, "Linux TS-464 5.1.2", ("qnap", "5.1.2", "TS-464")),
        (".1.3.6.1.4.1.232.165.3", "HPE UPS Network Module", ("ups", "", "HPE UPS Network Module")),
        (".1.3.6.1.4.1.232.165.11", "HPE G2 Metered PDU", (None, "", "")),
        (".1.3.6.1.4.1.44641", "VyOS 1.4.0", ("vyos", "1.4.0", "")),
        (".1.3.6.1.4.1.25053.3.1.11.1", "Ruckus Wireless R650", ("ruckuswireless", "", "R650")),
        (".1.3.6.1.4.1.890.1.15", "ATP500", ("zywall", "", "ATP500")),
        (".1.3.6.1.4.1.890.1.15", "ZyWALL USG 100", ("zywall", "", "ZyWALL USG 100")),
        (".1.3.6.1.4.1.9.1.451", "Cisco PIX Security Appliance Version 8.0(4)", ("asa", "8.0(4)", "")),
        (
            ".1.3.6.1.4.1.3902.3.100.27",
            "ZTE Ethernet Switch  ZXR10 2928E-SI, Version: V2.05.11B11",
            ("zxr10", "V2.05.11B11", "2928E-SI"),
        ),
        (".1.3.6.1.4.1.5491.6", "NetMan 204", ("ups", "", "NetMan 204")),
        (".1.3.6.1.4.1.3808.1.1.1", "UPS SNMP Card", ("cyberpower", "", "")),
        (
            ".1.3.6.1.4.1.253.8.62.1.35.2.3.1.1",
            "Xerox VersaLink C405; SS 68.65.1, NC 68.65.1",
            ("printer", "", "VersaLink C405"),
        ),
        (
            ".1.3.6.1.4.1.641.2.71107",
            "Lexmark MX722 version MXTGM.076.303 kernel 4.17.19-yocto All-N-1",
            ("printer", "MXTGM.076.303", "MX722"),
        ),
        (".1.3.6.1.4.1.10002.1", "Linux 2.6.32.71 #1 mips", ("unifi", "", "")),
        (".1.3.6.1.2.1.33", "CS141 v 1.98", ("ups", "1.98", "CS141")),
        (
            ".1.3.6.1.4.1.15497.1.1",
            "Cisco Model C195, AsyncOS Version: 15.0.1-030, Build Date: 2023-11-01, Serial #: 00AA-FCH0",
            ("asyncos", "15.0.1-030", "C195"),
        ),
        ("", "ZXR10 2928-SI, ZTE ZXR10 Software Version: V2.05.13", ("zxr10", "V2.05.13", "2928-SI")),
    ],
)  # fmt: skip
def test_a_description_tells_kind_version_and_model(object_id, description, told):
    profile = choose(object_id, description)

    if profile is None:
        assert told[0] is None
    else:
        assert (profile.os, described(profile.version, description), described(profile.hardware, description)) == told


@pytest.mark.parametrize("object_id", ["", ".", ".1.3.6.1.4.1.1235", ".1.3.6.1.4.1.4294967295.1"])
def test_what_no_profile_knows_has_none(object_id):
    assert choose(object_id, "") is None


@pytest.mark.parametrize(
    ("object_id", "description", "told"),
    [
        (".1.3.6.1.4.1.30065.1.3011", "", "Arista"),
        (".1.3.6.1.4.1.2011", "Cisco", "Huawei"),
        (".1.3.6.1.4.1.4294967295.1", "Supermicro Switch", "Supermicro"),
        ("", "palo alto networks", "Palo Alto Networks"),
        ("", "Dellish things", ""),
        ("", "A switch of Cisco", ""),
        (".1.3.6.1.4.1", "", ""),
        (".1.3.6.1.4.1.", "", ""),
        (".1.3.6.1.4.1.x", "", ""),
        (".1.3.6.1.2.1.2011", "", ""),
        ("", "", ""),
    ],
)
def test_a_maker_is_known_by_the_number_that_its_devices_say_or_by_its_name_at_the_head(object_id, description, told):
    assert maker(object_id, description) == told


def test_no_maker_is_said_where_many_make_what_a_profile_describes():
    assert [one.os for one in every() if not one.vendor] == ["printer", "ups"]


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


@pytest.mark.parametrize(
    ("answered", "os"),
    [
        ((), "linux"),
        ({DSM_MODEL}, "dsm"),
        ({QTS_MODEL}, "qnap"),
        ({GAIA_NAME}, "gaia"),
        ({".1.3.6.1.2.1.1.1.0"}, "linux"),
    ],
)
def test_of_all_that_call_themselves_linux_a_maker_s_own_object_tells_the_kind(answered, os):
    assert choose(NET_SNMP, "Linux box 5.10 x86_64", frozenset(answered)).os == os


def test_what_a_maker_s_own_object_would_tell_is_asked_of_none_that_says_its_maker():
    assert {DSM_MODEL, QTS_MODEL, GAIA_NAME} <= set(questions(NET_SNMP))
    assert [questions(oid) for oid in ("", ".1.3.6.1.4.1.9.1.1", ".1.3.6.1.4.1.12356.101.1.1006")] == [()] * 3


def test_a_description_alone_counts_less_than_any_identifier_but_that_of_net_snmp():
    ways = [Match(description=re.compile("Vigor")), Match((".1.3.6.1.4.1.9",)), Match((NET_SNMP,))]
    weights = {oid: [way.weight(oid, "Vigor", ()) for way in ways] for oid in ("", ".1.3.6.1.4.1.9.1", NET_SNMP)}

    assert [max(range(3), key=counted.__getitem__) for counted in weights.values()] == [0, 1, 0]


@pytest.mark.parametrize("one", every(), ids=lambda one: one.os)
def test_every_shipped_profile_names_only_whole_objects(one):
    told = [*(clue.oid for clue in one.clues), *(match.answers for match in one.matches)]
    prefixes = [prefix for match in one.matches if match.prefixes != ANY for prefix in match.prefixes]

    assert all(OID.fullmatch(oid) for oid in (*filter(None, told), *prefixes))
    assert all(clue.oid or clue.chassis or clue.pattern for clue in one.clues)
    assert all(match.prefixes != ANY or match.description for match in one.matches)


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
