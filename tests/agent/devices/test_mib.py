# SPDX-License-Identifier: Apache-2.0

import pytest

from giamsat_agent.devices.mib import rows
from giamsat_agent.devices.mib_file import every, parse
from giamsat_wire.record import Sample

ENTRY = ".1.3.6.1.4.1.99999.1"


def found(columns, said, **table):
    """The figures of one table, by name."""
    row = {"entry": ENTRY, "index": "row", "columns": said, **table}
    (one,) = parse("made", {"tables": [row]}).tables
    read = {f"{ENTRY}.{place}": rows for place, rows in columns.items()}
    return [(metric.name, dict(metric.labels), metric.value) for metric in rows(one, read, (), {})]


def test_a_row_is_named_by_its_index_and_its_labels():
    told = found({2: {"3": b"fan 3"}, 4: {"3": 5_100}}, {"fanSpeed": 4}, labels={"fanName": 2})

    assert told == [("fanSpeed", {"row": "3", "fanName": "fan 3"}, 5_100.0)]


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        ("7.2", {"slot": "7", "sensor": "2"}),
        ("7.255.1", {"slot": "7", "sensor": "255.1"}),
        ("7", {"slot": "7", "sensor": ""}),
        ("", {"slot": "", "sensor": ""}),
    ],
)
def test_an_index_of_several_numbers_is_told_apart(index, expected):
    ((_, labels, _),) = found({4: {index: 1}}, {"state": 4}, index=["slot", "sensor"])

    assert labels == expected


def test_a_row_that_says_more_in_its_index_has_the_name_of_the_row_it_belongs_to():
    ((_, labels, _),) = found({2: {"7": b"module"}, 4: {"7.1": 9}}, {"used": 4}, labels={"name": 2})

    assert labels["name"] == "module"


@pytest.mark.parametrize(
    ("said", "other", "expected"),
    [
        ({"at": 4, "scale": 0.1}, {}, 23.7),
        ({"at": 4, "times": 5}, {5: {"1": 4096}}, 970_752.0),
        ({"at": 4, "over": 5}, {5: {"1": 10}}, 23.7),
        ({"at": 4, "by": 5, "scale": {3: 0.1}}, {5: {"1": 3}}, 23.7),
        ({"at": 4, "by": 5, "scale": {3: 0.1}}, {5: {"1": 1}}, 237.0),
        ({"at": 4, "exponent": [5, 6]}, {5: {"1": 9}, 6: {"1": 1}}, 23.7),
        ({"at": 4, "exponent": [5, 6]}, {5: {"1": 8}, 6: {"1": 0}}, 0.237),
        ({"at": 4, "exponent": [5]}, {5: {"1": 2}}, 2.37),
        ({"at": 4, "exponent": [5]}, {}, 237.0),
    ],
)
def test_a_number_becomes_one_in_plain_units(said, other, expected):
    assert [value for _, _, value in found({4: {"1": 237}} | other, {"value": said})] == [expected]


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ({"at": 4, "never": [65_535]}, {4: {"1": 65_535}}),
        ({"at": 4, "times": 5}, {4: {"1": 65_535}}),
        ({"at": 4}, {4: {"1": b"absent"}}),
    ],
)
def test_what_says_that_there_is_none_is_no_figure(said, rows):
    assert found(rows, {"value": said}) == []


def test_a_lie_about_the_scale_makes_no_number_that_cannot_be_kept():
    ((_, _, value),) = found({4: {"1": 1}, 5: {"1": 4_000_000_000}}, {"value": {"at": 4, "exponent": [5, 5]}})

    assert value < float("inf")


def test_a_figure_has_the_name_that_all_vendors_share_beside_its_own():
    said = {"value": {"at": 4, "by": 5, "also": {8: "snmp_temperature_celsius"}}}
    told = found({4: {"1": 41, "2": 12}, 5: {"1": 8, "2": 4}}, said)

    assert told == [
        ("value", {"row": "1"}, 41.0),
        ("snmp_temperature_celsius", {"object": "value", "row": "1"}, 41.0),
        ("value", {"row": "2"}, 12.0),
    ]


@pytest.mark.parametrize(
    ("named", "shared"),
    [
        (b"CPU 0 TEMP", "snmp_temperature_celsius"),
        (b"FAN 1", "snmp_fan_rpm"),
        (b"FAN TEMP 3", "snmp_temperature_celsius"),
        (b"whole", "snmp_watts"),
        (b"~FAN", "snmp_fan_rpm"),
        (b"", None),
    ],
)
def test_a_shared_name_may_hang_on_what_a_row_s_own_name_holds(named, shared):
    also = {"whole": "snmp_watts", "~(?i)temp": "snmp_temperature_celsius", "~(?i)fan": "snmp_fan_rpm"}
    told = found({2: {"1": named}, 4: {"1": 41}}, {"value": {"at": 4, "by": 2, "also": also}})

    assert [name for name, _, _ in told] == ["value", *filter(None, [shared])]


def test_a_shared_name_may_hang_on_a_row_s_index():
    said = {"value": {"at": 4, "by": "index", "also": {"40.6": "snmp_sessions", "~\\.5$": "snmp_watts"}}}
    told = found({4: {"40.6": 7, "40.7": 9, "1.5": 3}}, said, index=["service", "kind"])

    assert {name: value for name, _, value in told if name != "value"} == {"snmp_sessions": 7.0, "snmp_watts": 3.0}


def test_what_is_no_number_can_be_shown_as_a_label():
    told = found({4: {"1": b"active"}, 6: {"1": b"\x00\x1b"}}, {"haState": {"at": 4, "shows": "text"}})

    assert told == [("haState", {"row": "1", "haState": "active"}, 1.0)]


def test_the_interfaces_keep_the_names_and_labels_of_snmp_exporter():
    octets, entry = ".1.3.6.1.2.1.31.1.1.1", ".1.3.6.1.2.1.2.2.1"
    read = {
        f"{entry}.2": {"3": b"GigabitEthernet0/3"},
        f"{octets}.1": {"3": b"Gi0/3"},
        f"{octets}.18": {"3": b"uplink Vinh"},
        f"{octets}.6": {"3": 1 << 63},
    }
    told = [one for table in every()["if"].tables for one in rows(table, read, (("device", "sw"),), {})]
    labels = {"ifIndex": "3", "ifAlias": "uplink Vinh", "ifDescr": "GigabitEthernet0/3", "ifName": "Gi0/3"}

    assert told == [Sample("ifHCInOctets", float(1 << 63), tuple(sorted({"device": "sw", **labels}.items())))]


def test_storage_is_bytes_under_its_shared_name_and_units_under_its_own():
    entry = ".1.3.6.1.2.1.25.2.3.1"
    read = {f"{entry}.4": {"1": 4_096}, f"{entry}.6": {"1": 10}}
    told = {
        one.name: one.value
        for table in every()["host-resources"].tables
        for one in rows(table, read, (("device", "sw"),), {})
    }

    assert told == {"hrStorageAllocationUnits": 4_096.0, "hrStorageUsed": 10.0, "snmp_storage_used_bytes": 40_960.0}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"5 Secs (  9.10%)   60 Secs (  8.2%)  300 Secs ( 12.75%)", [12.75, 12.75]),
        (b"300 Secs ( 100%)", [100.0, 100.0]),
        (b"300 Secs ( none%)", []),
        (b"300 Secs ( 1.2.3%)", []),
        (12, []),
        (None, []),
    ],
)
def test_the_number_may_be_a_part_of_a_sentence(said, expected):
    figure = {"at": 4, "part": r"300 Secs \(\s*([\d.]+)%", "also": "snmp_processor_percent"}

    assert [value for _, _, value in found({4: {"1": said}}, {"use": figure})] == expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [(b"Physical Memory", [25.0]), (b"Real Memory", [25.0]), (b"Physical memory", []), (b"C:\\", [])],
    ids=["Windows", "VMware", "net-snmp counts its caches", "a disk"],
)
def test_memory_in_use_is_told_where_the_system_counts_it_as_people_do(named, expected):
    entry = ".1.3.6.1.2.1.25.2.3.1"
    read = {f"{entry}.{column}": {"1": said} for column, said in ((3, named), (4, 65_536), (5, 400), (6, 100))}
    told = [one for table in every()["host-resources"].tables for one in rows(table, read, (), {})]

    assert [one.value for one in told if one.name == "snmp_memory_percent"] == expected


def test_a_state_becomes_yes_or_no_under_the_shared_name():
    said = {"fanState": {"at": 4, "also": "snmp_part_failed", "when": [3, 6]}}
    told = [(name, value) for name, _, value in found({4: {"1": 1, "2": 6}}, said)]

    assert told == [("fanState", 1.0), ("snmp_part_failed", 0.0), ("fanState", 6.0), ("snmp_part_failed", 1.0)]


def test_a_state_in_words_is_a_label_of_the_shared_name():
    said = {"haState": {"at": 4, "shows": "text", "also": "snmp_ha_state"}}

    assert found({4: {"1": b"active"}}, said)[1] == (
        "snmp_ha_state",
        {"object": "haState", "row": "1", "state": "active"},
        1.0,
    )


@pytest.mark.parametrize(
    ("columns", "share"),
    [
        ({4: {"1": 30}, 5: {"1": 90}}, [25.0]),
        ({4: {"1": 0}, 5: {"1": 90}}, [0.0]),
        ({4: {"1": 30}}, []),
        ({4: {"1": 0}, 5: {"1": 0}}, []),
        ({4: {"1": -1}, 5: {"1": 90}}, []),
        ({4: {"1": 30}, 5: {"1": b"many"}}, [100.0]),
        ({4: {"1": 30}, 5: {"1": 90}, 2: {"1": b"I/O"}}, []),
    ],
    ids=["used and free", "empty", "no whole", "nothing at all", "less than none", "words", "another pool"],
)
def test_a_part_is_told_as_per_cent_of_the_whole_where_one_can_be(columns, share):
    of = [4, 5] if 5 in columns else [5]
    said = {"at": 4, "of": of, "by": 2, "share": {"Processor": "snmp_memory_percent"}}
    told = found({2: {"1": b"Processor"}} | columns, {"poolUsed": said})

    assert [(labels["object"], value) for name, labels, value in told if name == "snmp_memory_percent"] == [
        ("poolUsed", value) for value in share
    ]


@pytest.mark.parametrize(
    ("columns", "left"),
    [
        ({4: {"1": 30}, 5: {"1": 120}}, [75.0]),
        ({4: {"1": 0}, 5: {"1": 120}}, [100.0]),
        ({4: {"1": 121}, 5: {"1": 120}}, []),
        ({4: {"1": 30}}, []),
        ({4: {"1": 30}, 5: {"1": 120}, 6: {"1": 60}}, [25.0]),
        ({4: {"1": 30}, 5: {"1": 120}, 6: {"1": 91}}, []),
        ({4: {"1": 30}, 5: {"1": 120}, 6: {"1": -31}}, []),
        ({4: {"1": 30}, 5: {"1": 120}, 6: {"1": 0}}, []),
    ],
    ids=["free", "nothing free", "more free than all", "no whole", "and a cache", "more than all", "less", "no cache"],
)
def test_what_is_free_leaves_the_per_cent_that_is_in_use(columns, left):
    said = {"at": 4, "of": [5], "beside": [6] if 6 in columns else [], "left": "snmp_memory_percent"}
    told = found(columns, {"free": said})

    assert [value for name, _, value in told if name == "snmp_memory_percent"] == left


def test_a_date_in_octets_is_a_label_and_a_time():
    ends = bytes.fromhex("07ea0c1f173b0000")
    told = found({4: {"1": ends}}, {"keyEnds": {"at": 4, "shows": "date", "dates": "snmp_ends"}})

    assert [(name, labels.get("keyEnds", ""), value) for name, labels, value in told] == [
        ("keyEnds", "2026-12-31 23:59", 1.0),
        ("snmp_ends", "", 1_798_761_540.0),
    ]
