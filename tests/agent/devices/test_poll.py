# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
import yaml

from giamsat_agent.devices import gufo_client
from giamsat_agent.devices.credential import Community
from giamsat_agent.devices.errors import SilentError
from giamsat_agent.devices.gufo_client import Device
from giamsat_agent.devices.poll import poll
from giamsat_agent.devices.reading import SYSTEM
from support import hostile_agent
from support.touched import touched

IF_TABLE, IF_X_TABLE = ".1.3.6.1.2.1.2.2.1", ".1.3.6.1.2.1.31.1.1.1"
PHYSICAL = ".1.3.6.1.2.1.47.1.1.1.1"

MADE = yaml.safe_load((Path(__file__).parents[2] / "fixtures/devices/made.yml").read_text())

FORTIGATE = {
    SYSTEM["sysDescr"]: b"",
    SYSTEM["sysObjectID"]: "1.3.6.1.4.1.12356.101.1.1006",
    SYSTEM["sysUpTime"]: 12_345,
    ".1.3.6.1.4.1.12356.101.4.1.1.0": b"v7.2.5,build1517",
    ".1.3.6.1.4.1.12356.100.1.1.1.0": b"FG100F0000000001",
    ".1.3.6.1.4.1.12356.101.4.1.3.0": 31,
    f"{IF_TABLE}.8.1": 1,
}


class Recorded:
    """A device that answers from what was written down, and falls silent at the tables named."""

    address = "192.0.2.1:161"

    def __init__(self, objects, silent=()):
        self.objects, self.silent = objects, silent

    def get(self, oids):
        return {oid: self.objects[oid] for oid in oids if oid in self.objects}

    def has(self, oid):
        return any(name.startswith(f"{oid}.") for name in self.objects)

    def walk(self, oid):
        if oid in self.silent:
            raise SilentError(f"{oid}: no answer")
        top = f"{oid}."
        yield [(name.removeprefix(top), value) for name, value in self.objects.items() if name.startswith(top)]


def test_a_known_device_says_what_it_is():
    found = poll(Recorded(FORTIGATE))

    assert (found.os, found.vendor, found.version, found.serial) == (
        "fortigate",
        "Fortinet",
        "v7.2.5,build1517",
        "FG100F0000000001",
    )
    assert found.object_id == ".1.3.6.1.4.1.12356.101.1.1006"


def test_its_own_figures_stand_beside_the_general_ones():
    figures = {one.name: one.value for one in poll(Recorded(FORTIGATE)).metrics}

    assert figures == {
        "sysUpTime": 12_345.0,
        "fgSysCpuUsage": 31.0,
        "snmp_processor_percent": 31.0,
        "ifOperStatus": 1.0,
    }


def test_what_a_poll_is_about_stands_in_the_labels_of_all_its_figures():
    plain, told = (poll(Recorded(FORTIGATE), None, about) for about in ((), (("device", "fw1"),)))

    assert [one.labels for one in told.metrics] == [
        tuple(sorted((*one.labels, ("device", "fw1")))) for one in plain.metrics
    ]


def test_a_figure_that_only_grows_is_a_counter():
    found = poll(Recorded(FORTIGATE | {f"{IF_X_TABLE}.6.1": 7}))

    assert {one["name"]: one["type"] for one in found.as_json()["metrics"]} == {
        "sysUpTime": "gauge",
        "fgSysCpuUsage": "gauge",
        "snmp_processor_percent": "gauge",
        "ifOperStatus": "gauge",
        "ifHCInOctets": "counter",
    }


@pytest.mark.parametrize(
    ("rows", "hardware", "serial"),
    [
        ({"5.1000": 3, "13.1000": b"WS-C2960X", "11.1000": b"FOC1", "13.1": b"other"}, "WS-C2960X", "FOC1"),
        ({"5.1": 11, "5.2": 3, "13.2": b"C9300-24T", "11.2": b"FOC2"}, "C9300-24T", "FOC2"),
        ({"13.1": b"WS-C4506-E", "11.1": b"FOC3"}, "WS-C4506-E", "FOC3"),
        ({"5.1": 3, "13.1": b"", "7.1": b"C29xx Stacking"}, "C29xx Stacking", ""),
    ],
    ids=["a chassis", "the first of a stack", "no class said", "no model"],
)
def test_hardware_and_serial_are_the_chassis_s(rows, hardware, serial):
    cisco = {
        SYSTEM["sysDescr"]: b"Cisco IOS Software, C2960X Software, Version 15.2(2)E7, RELEASE",
        SYSTEM["sysObjectID"]: "1.3.6.1.4.1.9.1.1208",
    }
    found = poll(Recorded(cisco | {f"{PHYSICAL}.{place}": value for place, value in rows.items()}))

    assert (found.os, found.version, found.hardware, found.serial) == ("ios", "15.2(2)E7", hardware, serial)


def test_a_build_of_windows_is_called_by_the_name_people_know():
    said = b"Hardware: Intel64 Family 6 Model 85 - Software: Windows Version 6.3 (Build 20348 Multiprocessor Free)"
    found = poll(Recorded({SYSTEM["sysDescr"]: said, SYSTEM["sysObjectID"]: "1.3.6.1.4.1.311.1.1.3.1.2"}))

    assert (found.os, found.version, found.hardware) == ("windows", "Server 2022 (21H2)", "Intel x64")


def test_a_silent_table_stops_none_of_the_others():
    found = poll(Recorded(FORTIGATE, silent=[IF_X_TABLE]))

    assert [oid for oid, _ in found.errors] == [IF_X_TABLE]
    assert "ifOperStatus" in {one.name for one in found.metrics}


def test_an_unknown_device_is_polled_all_the_same():
    found = poll(Recorded({SYSTEM["sysObjectID"]: "1.3.6.1.4.1.4294967295", f"{IF_TABLE}.8.1": 1}))

    assert (found.os, found.version, [one.name for one in found.metrics]) == ("", "", ["ifOperStatus"])
    assert found.as_json()["os"] is None


@pytest.mark.parametrize(
    ("objects", "told"),
    [
        (
            {f"{PHYSICAL}.{column}.7": said for column, said in ((5, 3), (12, b"Maker"), (13, b"XS-24"), (11, b"S1"))},
            ("Maker", "XS-24", "S1"),
        ),
        ({".1.3.6.1.2.1.33.1.1.1.0": b"Santak", ".1.3.6.1.2.1.33.1.1.2.0": b"C3K"}, ("Santak", "C3K", "")),
        ({f"{PHYSICAL}.5.1": 3, f"{PHYSICAL}.12.1": b"<b>\x00\x1b[0m", f"{PHYSICAL}.13.1": -5}, ("<b>  [0m", "-5", "")),
        ({f"{PHYSICAL}.5.1": b"\xff", f"{PHYSICAL}.13.1": None}, ("", "", "")),
    ],
    ids=["by its chassis", "by its battery", "hostile", "nothing"],
)
def test_an_unknown_device_says_who_made_it_where_a_standard_has_a_place_for_it(objects, told):
    found = poll(Recorded({SYSTEM["sysObjectID"]: "1.3.6.1.4.1.4294967295"} | objects))

    assert (found.os, found.vendor, found.hardware, found.serial) == ("", *told)


def test_a_device_that_calls_itself_linux_is_known_by_its_maker_s_objects():
    box = {
        SYSTEM["sysDescr"]: b"Linux NAS 4.4.302+ #69057 SMP x86_64",
        SYSTEM["sysObjectID"]: "1.3.6.1.4.1.8072.3.2.10",
        ".1.3.6.1.4.1.6574.1.5.1.0": b"DS223",
        ".1.3.6.1.4.1.6574.1.5.3.0": b"DSM 7.2-64570",
    }
    found = poll(Recorded(box))

    assert (found.os, found.vendor, found.hardware, found.version) == ("dsm", "Synology", "DS223", "DSM 7.2-64570")
    assert poll(Recorded(box, silent=[PHYSICAL])).os == "dsm"


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_what_a_kind_of_device_says_is_told_in_plain_units_under_shared_names(made):
    objects = {SYSTEM.get(name, whole(name)): said for name, said in made["says"].items()}
    objects[SYSTEM["sysObjectID"]] = whole(made["says"]["sysObjectID"])
    found = poll(Recorded({oid: said.encode() if isinstance(said, str) else said for oid, said in objects.items()}))

    assert [found.os, found.vendor, found.hardware, found.version, found.serial] == made["is"]
    assert {one.name: one.value for one in found.metrics if one.name.startswith("snmp_")} == made["tells"]


def whole(name):
    return f".{name}" if name.startswith("1.") else f".1.3.6.1.4.1.{name}"


def test_a_device_that_does_not_say_what_it_is_was_not_read():
    class Silent(Recorded):
        def get(self, oids):
            raise SilentError("no answer")

    with pytest.raises(SilentError):
        poll(Silent({}))


def read(behaviour, timeout_s=0.1):
    with hostile_agent.running(behaviour) as port:
        return poll(Device("127.0.0.1", port, Community(2, "public"), timeout_s=timeout_s))


@pytest.mark.parametrize("behaviour", ["silent", "late", "other id"])
def test_a_device_that_answers_never_late_or_another_question_was_not_read(behaviour):
    with pytest.raises(SilentError, match="timeout"):
        read(behaviour)


@pytest.mark.parametrize("behaviour", ["twice", "circle", "backwards"])
def test_a_device_that_repeats_itself_or_walks_in_circles_is_read_to_the_end(behaviour):
    found = read(behaviour, timeout_s=30)

    assert (found.os, found.uptime) == ("routeros", 4_200.0)


def test_a_device_without_an_end_is_left_at_the_limit(monkeypatch):
    monkeypatch.setattr(gufo_client, "ROWS", 200)

    assert read("endless", timeout_s=30).os == "routeros"


def test_words_that_are_meant_to_harm_are_shown_and_harmless():
    found = read("polite", timeout_s=30)
    words = [found.description, found.name, *(text for one in found.metrics for _, text in one.labels)]

    assert "<script>alert(1)</script>" in found.description
    assert all(text.isprintable() for text in words)


def test_the_day_of_signatures_and_the_end_of_a_licence_are_told_as_times():
    words = {
        ".1.3.6.1.4.1.12356.101.4.2.1.0": b"27.00768(2015-09-01 15:10)",
        ".1.3.6.1.4.1.12356.101.4.6.3.1.2.1.2.1": b"Sat Mar 23 2024",
    }
    told = {
        (one.name, dict(one.labels)["object"]): one.value
        for one in poll(Recorded(FORTIGATE | words)).metrics
        if "object" in dict(one.labels)
    }

    assert told["snmp_signature_timestamp_seconds", "fgSysVersionAv"] == 1_441_120_200
    assert told["snmp_licence_expiry_timestamp_seconds", "fgLicContractExpiry"] == 1_711_152_000


def test_what_a_device_says_of_itself_starts_no_program_and_opens_no_file_of_its_choice():
    with touched() as seen:
        found = read("twice", timeout_s=30)

    assert found.os == "routeros"
    assert (seen.started, seen.changed) == ([], [])
    assert [path for path in seen.opened if "script" in path or "[[device" in path] == []
