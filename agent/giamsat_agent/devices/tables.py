# SPDX-License-Identifier: Apache-2.0
"""Tables every device may have: IF-MIB with its high-capacity part (RFC 2863) and HOST-RESOURCES-MIB (RFC 2790).

Names and labels are those of snmp_exporter's module if_mib.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["counter", "gauge"]
Value = None | str | bytes | int | float

SYSTEM: Final = {
    "sysDescr": ".1.3.6.1.2.1.1.1.0",
    "sysObjectID": ".1.3.6.1.2.1.1.2.0",
    "sysUpTime": ".1.3.6.1.2.1.1.3.0",
    "sysName": ".1.3.6.1.2.1.1.5.0",
}
IF_TABLE: Final = ".1.3.6.1.2.1.2.2.1"
IF_X_TABLE: Final = ".1.3.6.1.2.1.31.1.1.1"
PROCESSOR_LOAD: Final = ".1.3.6.1.2.1.25.3.3.1.2"
STORAGE: Final = ".1.3.6.1.2.1.25.2.3.1"
_LABELS: Final = {"ifDescr": f"{IF_TABLE}.2", "ifName": f"{IF_X_TABLE}.1", "ifAlias": f"{IF_X_TABLE}.18"}
_PHYSICAL: Final = f"{IF_TABLE}.6"
COLUMNS: Final[Mapping[str, tuple[str, Kind]]] = {
    "ifType": (f"{IF_TABLE}.3", "gauge"),
    "ifMtu": (f"{IF_TABLE}.4", "gauge"),
    "ifSpeed": (f"{IF_TABLE}.5", "gauge"),
    "ifAdminStatus": (f"{IF_TABLE}.7", "gauge"),
    "ifOperStatus": (f"{IF_TABLE}.8", "gauge"),
    "ifLastChange": (f"{IF_TABLE}.9", "gauge"),
    "ifInOctets": (f"{IF_TABLE}.10", "counter"),
    "ifInUcastPkts": (f"{IF_TABLE}.11", "counter"),
    "ifInDiscards": (f"{IF_TABLE}.13", "counter"),
    "ifInErrors": (f"{IF_TABLE}.14", "counter"),
    "ifOutOctets": (f"{IF_TABLE}.16", "counter"),
    "ifOutUcastPkts": (f"{IF_TABLE}.17", "counter"),
    "ifOutDiscards": (f"{IF_TABLE}.19", "counter"),
    "ifOutErrors": (f"{IF_TABLE}.20", "counter"),
    "ifHCInOctets": (f"{IF_X_TABLE}.6", "counter"),
    "ifHCInUcastPkts": (f"{IF_X_TABLE}.7", "counter"),
    "ifHCOutOctets": (f"{IF_X_TABLE}.10", "counter"),
    "ifHCOutUcastPkts": (f"{IF_X_TABLE}.11", "counter"),
    "ifHighSpeed": (f"{IF_X_TABLE}.15", "gauge"),
}
WALKED: Final = (IF_TABLE, IF_X_TABLE, PROCESSOR_LOAD, STORAGE)
TEXT: Final = 255
"""Characters of a device's own words; longer ones are cut."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a device."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float
    type: Kind


def text(value: Value) -> str:
    """A device's own words as they are, whatever their encoding; control characters become spaces."""
    if isinstance(value, bytes):
        value = value.rstrip(b"\0").decode("utf-8", "replace")
    words = "" if value is None else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in words)[:TEXT].strip()


def metrics(rows: Mapping[str, Value]) -> Iterator[Metric]:
    """The figures of everything that was walked, by full object identifier."""
    columns: dict[str, dict[str, Value]] = {}
    for oid, value in rows.items():
        column, _, index = oid.rpartition(".")
        columns.setdefault(column, {})[index] = value
    yield from _interfaces(columns)
    for index, load in columns.get(PROCESSOR_LOAD, {}).items():
        yield from _one("hrProcessorLoad", (("hrDeviceIndex", index),), load, "gauge")
    yield from _storage(columns)


def _interfaces(columns: Mapping[str, Mapping[str, Value]]) -> Iterator[Metric]:
    named = {name: columns.get(oid, {}) for name, oid in _LABELS.items()}
    for name, (oid, kind) in COLUMNS.items():
        for index, value in columns.get(oid, {}).items():
            yield from _one(name, _labels(named, index), value, kind)
    for index, value in columns.get(_PHYSICAL, {}).items():
        address = ":".join(f"{octet:02X}" for octet in value) if isinstance(value, bytes) else text(value)
        yield Metric("ifPhysAddress", (*_labels(named, index), ("ifPhysAddress", address)), 1.0, "gauge")


def _labels(named: Mapping[str, Mapping[str, Value]], index: str) -> tuple[tuple[str, str], ...]:
    found = {name: text(column[index]) for name, column in named.items() if index in column}
    return (("ifIndex", index), *sorted(found.items()))


def _storage(columns: Mapping[str, Mapping[str, Value]]) -> Iterator[Metric]:
    described = columns.get(f"{STORAGE}.3", {})
    for name, column in (
        ("hrStorageAllocationUnits", 4),
        ("hrStorageSize", 5),
        ("hrStorageUsed", 6),
    ):
        for index, value in columns.get(f"{STORAGE}.{column}", {}).items():
            labels = (("hrStorageDescr", text(described.get(index))), ("hrStorageIndex", index))
            yield from _one(name, labels, value, "gauge")


def _one(name: str, labels: tuple[tuple[str, str], ...], value: Any, kind: Kind) -> Iterator[Metric]:  # noqa: ANN401 - as the device sent it
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield Metric(name, labels, float(value), kind)
