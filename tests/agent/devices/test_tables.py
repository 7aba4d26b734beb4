# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.tables import IF_TABLE, IF_X_TABLE, PROCESSOR_LOAD, STORAGE, Metric, metrics, text


def found(rows):
    return {(one.name, one.labels): one for one in metrics(rows)}


def test_an_interface_has_its_names_as_labels():
    rows = {
        f"{IF_TABLE}.2.3": b"GigabitEthernet0/3",
        f"{IF_X_TABLE}.1.3": b"Gi0/3",
        f"{IF_X_TABLE}.18.3": b"uplink Vinh",
        f"{IF_TABLE}.8.3": 2,
        f"{IF_X_TABLE}.6.3": 1 << 63,
    }
    labels = (("ifIndex", "3"), ("ifAlias", "uplink Vinh"), ("ifDescr", "GigabitEthernet0/3"), ("ifName", "Gi0/3"))

    assert found(rows) == {
        ("ifOperStatus", labels): Metric("ifOperStatus", labels, 2.0, "gauge"),
        ("ifHCInOctets", labels): Metric("ifHCInOctets", labels, float(1 << 63), "counter"),
    }


def test_a_physical_address_is_a_label():
    (one,) = metrics({f"{IF_TABLE}.6.1": bytes.fromhex("001b17000b0c")})

    assert (one.name, dict(one.labels)["ifPhysAddress"], one.value) == ("ifPhysAddress", "00:1B:17:00:0B:0C", 1.0)


def test_processors_and_storage_are_read():
    rows = {f"{PROCESSOR_LOAD}.196608": 7, f"{STORAGE}.3.1": b"/", f"{STORAGE}.5.1": 100, f"{STORAGE}.6.1": 40}
    storage = (("hrStorageDescr", "/"), ("hrStorageIndex", "1"))

    assert {key: one.value for key, one in found(rows).items()} == {
        ("hrProcessorLoad", (("hrDeviceIndex", "196608"),)): 7.0,
        ("hrStorageSize", storage): 100.0,
        ("hrStorageUsed", storage): 40.0,
    }


@pytest.mark.parametrize("value", [b"up", "1", None])
def test_what_is_no_number_is_no_figure(value):
    assert found({f"{IF_TABLE}.8.1": value}) == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"Cisco\0\0", "Cisco"),
        (b"a\r\nb\x1b[31m", "a  b [31m"),
        ("Sở Tài chính".encode(), "Sở Tài chính"),
        (b"\xff", "�"),
        (None, ""),
        (b"x" * 1000, "x" * 255),
        (12, "12"),
    ],
)
def test_a_device_s_own_words_are_made_harmless(value, expected):
    assert text(value) == expected
