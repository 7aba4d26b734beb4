# SPDX-License-Identifier: Apache-2.0
"""Refuse changes of giamsat.v1 that an older agent or collector would misread.

The baseline beside the .proto files holds everything an end in the field may speak. What it holds keeps its number,
name, type and label for ever; what leaves has its number and name reserved. New fields, values, messages and calls are
welcome: `--record` adds them to the baseline.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol, TypeVar

from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

from giamsat.v1 import enrol_pb2, ingest_pb2, parcel_pb2, telemetry_pb2

BASELINE: Final = Path(__file__).resolve().parents[2] / "proto" / "giamsat" / "v1" / "baseline.txtpb"
HEADER: Final = "# What giamsat.v1 has promised so far; written by `make proto`, read by the compatibility check.\n"


class Named(Protocol):
    """Anything of a descriptor that has a name."""

    name: str


Part = TypeVar("Part", bound=Named)


def current() -> FileDescriptorSet:
    """What the generated stubs speak."""
    files = FileDescriptorSet()
    for module in (enrol_pb2, ingest_pb2, parcel_pb2, telemetry_pb2):
        files.file.add().ParseFromString(module.DESCRIPTOR.serialized_pb)
    return files


def baseline() -> FileDescriptorSet:
    """What has been promised."""
    return text_format.Parse(BASELINE.read_text(encoding="utf-8"), FileDescriptorSet())


def record(files: FileDescriptorSet) -> None:
    """Promise all of this."""
    BASELINE.write_text(HEADER + text_format.MessageToString(files), encoding="utf-8")


def kept(what: str, old: Iterable[Part], new: Iterable[Part]) -> Iterator[tuple[str, Part, Part | None]]:
    """Each promised part with its place, and what stands there now."""
    now: Mapping[str, Part] = {part.name: part for part in new}
    for part in old:
        yield f"{what}{part.name}", part, now.get(part.name)


def meaning(field: FieldDescriptorProto, message: DescriptorProto) -> tuple[object, ...]:
    """Everything about a field that changes its bytes or what they say."""
    optional = field.proto3_optional
    group = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") and not optional else ""
    return (
        field.name,
        FieldDescriptorProto.Type.Name(field.type),
        field.type_name,
        FieldDescriptorProto.Label.Name(field.label),
        "optional" if optional else "",
        f"oneof {group}" if group else "",
    )


def field_breaks(where: str, old: DescriptorProto, new: DescriptorProto) -> Iterator[str]:
    """Breaking changes among a message's fields."""
    now = {field.number: field for field in new.field}
    names = {field.name: field.number for field in new.field}
    reserved = {number for span in new.reserved_range for number in range(span.start, span.end)}
    for field in old.field:
        there = now.get(field.number)
        if there is not None and meaning(there, new) != meaning(field, old):
            was, is_now = (
                " ".join(map(str, filter(None, part))) for part in (meaning(field, old), meaning(there, new))
            )
            yield f"{where}: number {field.number} was '{was}', is now '{is_now}'"
        elif there is None and field.name in names:
            yield f"{where}.{field.name}: number {field.number} became {names[field.name]}"
        elif there is None and not (field.number in reserved and field.name in new.reserved_name):
            yield f"{where}.{field.name}: removed; its number {field.number} and its name must be reserved"
    freed = {number for span in old.reserved_range for number in range(span.start, span.end)} - reserved
    for number in sorted(freed):
        yield f"{where}: number {number} was reserved for ever, and is free again"


def message_breaks(where: str, old: DescriptorProto, new: DescriptorProto | None) -> Iterator[str]:
    """Breaking changes of a message and everything declared inside it."""
    if new is None:
        yield f"{where}: message removed"
        return
    yield from field_breaks(where, old, new)
    for place, was, there in kept(f"{where}.", old.nested_type, new.nested_type):
        yield from message_breaks(place, was, there)
    for place, enum, now in kept(f"{where}.", old.enum_type, new.enum_type):
        yield from enum_breaks(place, enum, now)


def enum_breaks(where: str, old: EnumDescriptorProto, new: EnumDescriptorProto | None) -> Iterator[str]:
    """Breaking changes of an enumeration."""
    if new is None:
        yield f"{where}: enumeration removed"
        return
    now = {value.number: value.name for value in new.value}
    for value in old.value:
        if value.number not in now:
            yield f"{where}.{value.name}: value {value.number} removed; an older end may still send it"
        elif now[value.number] != value.name:
            yield f"{where}: value {value.number} was {value.name}, is now {now[value.number]}"


def service_breaks(where: str, old: ServiceDescriptorProto, new: ServiceDescriptorProto | None) -> Iterator[str]:
    """Breaking changes of a service."""
    if new is None:
        yield f"{where}: service removed"
        return
    for place, call, now in kept(f"{where}.", old.method, new.method):
        if now is None:
            yield f"{place}: call removed"
        elif call != now:
            yield f"{place}: signature changed"


def file_breaks(old: FileDescriptorProto, new: FileDescriptorProto | None) -> Iterator[str]:
    """Breaking changes of one .proto file."""
    if new is None or new.package != old.package or new.syntax != old.syntax:
        yield f"{old.name}: removed, or its package or syntax changed"
        return
    where = f"{old.package}."
    for place, message, now in kept(where, old.message_type, new.message_type):
        yield from message_breaks(place, message, now)
    for place, enum, then in kept(where, old.enum_type, new.enum_type):
        yield from enum_breaks(place, enum, then)
    for place, service, there in kept(where, old.service, new.service):
        yield from service_breaks(place, service, there)


def breaks(old: FileDescriptorSet, new: FileDescriptorSet) -> list[str]:
    """Every change from `old` to `new` that an end speaking `old` would misread; empty when there is none."""
    return [line for _, file, now in kept("", old.file, new.file) for line in file_breaks(file, now)]


def main() -> int:
    """Check the stubs against the baseline; with --record add to it what is new."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="add what is new to the baseline")
    arguments = parser.parse_args()
    now = current()
    found = breaks(baseline(), now) if BASELINE.exists() else []
    for line in found:
        print(f"wire: {line}")
    if found:
        print("wire: ends in the field speak the baseline; keep the old, and add the new beside it")
        return 1
    if arguments.record:
        record(now)
    return 0


if __name__ == "__main__":
    sys.exit(main())
