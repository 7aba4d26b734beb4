# SPDX-License-Identifier: Apache-2.0
"""Records to payload bytes and back. The only module of either end that builds or reads telemetry messages.

A payload is compressed when that helps. It is never decompressed past `limits`, whatever its header claims.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Final

import zstandard
from google.protobuf.message import DecodeError

from giamsat.v1 import telemetry_pb2
from giamsat_wire import limits
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.errors import MalformedError, OversizedError
from giamsat_wire.lane import Lane
from giamsat_wire.record import Columns, Event, FieldValue, Loss, LossReason, SampleSet

_ELLIPSIS: Final = "…"


class _Inflater(threading.local):
    """A decompressor for each thread: it serves one at a time, and making one costs three times what using it does."""

    def __init__(self) -> None:
        self.of_this_thread = zstandard.ZstdDecompressor(max_window_size=limits.INFLATED_BYTES)


_INFLATER: Final = _Inflater()


class FrameFlag(IntFlag):
    """How the payload of a frame is to be read; the same bits as in the spool."""

    ZSTD = 1
    KEYFRAME = 8


_ZSTD: Final = int(FrameFlag.ZSTD)
"""As a plain number: asking a flag takes as long as the decompression it is about."""
_KEYFRAME: Final = int(FrameFlag.KEYFRAME)


@dataclass(frozen=True, slots=True)
class Encoded:
    """The payload of one frame and its flags."""

    flags: FrameFlag
    payload: bytes


@dataclass(frozen=True, slots=True)
class Readings:
    """A decoded metric frame, oldest set first."""

    sets: Sequence[Columns]


@dataclass(frozen=True, slots=True)
class Happenings:
    """A decoded event frame."""

    events: tuple[Event, ...]


def encode_readings(chain: ChainEncoder, sets: Sequence[SampleSet], *, begin: bool) -> Encoded:
    """The next metric frame of `chain`; `begin` makes it a keyframe, which also happens when one is due."""
    key = begin or chain.key_due
    if key:
        chain.begin()
    message = telemetry_pb2.Payload(metrics=chain.frame(sets))
    return _pack(message.SerializeToString(), FrameFlag.KEYFRAME if key else FrameFlag(0))


def encode_happenings(events: Sequence[Event], *, most_bytes: int = limits.FRAME_BYTES) -> tuple[Encoded, ...]:
    """Event frames that together hold `events` in order.

    None is larger than `most_bytes`, but for one that holds a single event.
    """
    if len(events) > limits.EVENTS_PER_FRAME:
        return _parts(events, -(-len(events) // limits.EVENTS_PER_FRAME), most_bytes)
    message = telemetry_pb2.Payload()
    for event in events:
        _tell(event, message.events)
    raw = message.SerializeToString()
    packed = _pack(raw, FrameFlag(0)) if len(raw) <= limits.INFLATED_BYTES else None
    size = limits.FRAME_BYTES + 1 if packed is None else len(packed.payload)
    if packed is not None and (size <= most_bytes or (len(events) <= 1 and size <= limits.FRAME_BYTES)):
        return (packed,)
    if len(events) == 1:
        return encode_happenings([_shortened(events[0])], most_bytes=most_bytes)
    return _parts(events, 1 + size * 5 // (most_bytes * 4), most_bytes)


def encode_loss(loss: Loss) -> Encoded:
    """The frame that declares a loss."""
    message = telemetry_pb2.Payload(
        gap=telemetry_pb2.Gap(
            lane=loss.lane,
            epoch=loss.epoch,
            first=loss.first,
            last=loss.last,
            reason=loss.reason.name,
            frames=loss.frames,
        )
    )
    return _pack(message.SerializeToString(), FrameFlag(0))


def decode(flags: int, payload: bytes, chain: ChainDecoder) -> Readings | Happenings | Loss:
    """What a frame holds.

    Raises:
        OversizedError: it is larger than `limits` allows, or would be once decompressed.
        ChainError: it continues a metric chain that `chain` does not know.
        MalformedError: it cannot be read at all.
    """
    message, raw = telemetry_pb2.Payload(), unpacked(flags, payload)
    try:
        message.ParseFromString(raw)
    except DecodeError as error:
        raise MalformedError("the payload is not a giamsat.v1.Payload") from error
    match message.WhichOneof("body"):
        case "metrics":
            return Readings(chain.frame(message.metrics, key=bool(flags & _KEYFRAME)))
        case "events":
            return _happenings(message.events, len(raw))
        case "gap":
            return _loss(message.gap)
        case _:
            return Happenings(())


def reading_times(flags: int, payload: bytes) -> tuple[int, ...]:
    """When the readings of a metric frame were taken (UNIX ns); nothing for any other frame.

    It is the same for a frame that was encoded anew in another chain.

    Raises:
        MalformedError: it cannot be read at all, or is larger than `limits` allows.
    """
    message = telemetry_pb2.Payload()
    try:
        message.ParseFromString(unpacked(flags, payload))
    except DecodeError as error:
        raise MalformedError("the payload is not a giamsat.v1.Payload") from error
    return tuple(one.wall_ns for one in message.metrics.sets)


def _parts(events: Sequence[Event], count: int, most_bytes: int) -> tuple[Encoded, ...]:
    """The events in `count` frames or more; small ones compress less well, so a quarter more than it seems to need."""
    size = max(1, -(-len(events) // max(2, count)))
    encoded: list[Encoded] = []
    for at in range(0, len(events), size):
        encoded += encode_happenings(events[at : at + size], most_bytes=most_bytes)
    return tuple(encoded)


def _pack(raw: bytes, flags: FrameFlag) -> Encoded:
    packed = zstandard.ZstdCompressor(level=3).compress(raw)
    if len(packed) < len(raw) <= len(packed) * limits.INFLATION_RATIO:
        return Encoded(flags | FrameFlag.ZSTD, packed)
    return Encoded(flags, raw)


def unpacked(flags: int, payload: bytes) -> bytes:
    """The message in a payload.

    Raises:
        OversizedError: it is larger than `limits` allows, or would be once decompressed.
        MalformedError: it does not decompress.
    """
    if len(payload) > limits.FRAME_BYTES:
        raise OversizedError(f"a payload of {len(payload)} bytes, at most {limits.FRAME_BYTES}")
    if not flags & _ZSTD:
        return payload
    most = min(limits.INFLATED_BYTES, len(payload) * limits.INFLATION_RATIO)
    try:
        # The header's size is believed by the library before its own cap is, so it is looked at first.
        claimed = zstandard.frame_content_size(payload)
        if claimed > most:
            raise OversizedError(f"a payload that claims to become {claimed} bytes, at most {most}")
        return _INFLATER.of_this_thread.decompress(payload, max_output_size=most, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise MalformedError(f"the payload does not decompress within {most} bytes") from error


def _shortened(event: Event) -> Event:
    """An event that no frame can hold, with each of its texts cut to an eighth of the longest that it has."""
    longest = max((len(text) for value in event.fields.values() for text in _texts(value)), default=0)
    most = max(longest // 8, len(_ELLIPSIS))

    def cut(text: str) -> str:
        return text if len(text) <= most else text[: most - 1] + _ELLIPSIS

    fields = {
        name: tuple(map(cut, value[:8]))
        if isinstance(value, tuple)
        else cut(value)
        if isinstance(value, str)
        else value
        for name, value in event.fields.items()
    }
    return Event(event.kind, event.wall_ns, event.mono_ns, fields)


def _tell(event: Event, frame: telemetry_pb2.EventFrame) -> None:
    """Add an event to a frame. It is filled in where it lies: to copy one costs a fifth of what it costs to make it."""
    fields = frame.events.add(kind=_cut(event.kind), wall_ns=event.wall_ns, mono_ns=event.mono_ns).fields
    for name, value in list(event.fields.items())[: limits.FIELDS_PER_EVENT]:
        slot = fields[name[: limits.NAME_CHARACTERS]]
        match value:
            case str():  # as most are
                slot.text = _cut(value)
            case bool():
                slot.flag = value
            case int() if -(1 << 63) <= value < 1 << 63:
                slot.integer = value
            case int():
                slot.text = str(value)
            case float():
                slot.real = value
            case _:
                slot.texts.items.extend([_cut(item) for item in value[: limits.TEXTS_PER_FIELD]])


def _cut(text: str) -> str:
    """`text` as the wire can carry it: within the limit, and without lone surrogates."""
    if len(text) > limits.TEXT_CHARACTERS:
        text = text[: limits.TEXT_CHARACTERS - 1] + _ELLIPSIS
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _happenings(message: telemetry_pb2.EventFrame, size: int) -> Happenings:
    if len(message.events) > limits.EVENTS_PER_FRAME:
        raise OversizedError(f"{len(message.events)} events in a frame, at most {limits.EVENTS_PER_FRAME}")
    events = tuple(map(_event, message.events))
    # No text is longer than all of the frame, nor than its event, so hardly any is looked at.
    for sent, event in zip(message.events, events, strict=True) if size > limits.TEXT_CHARACTERS else ():
        if sent.ByteSize() > limits.TEXT_CHARACTERS and any(map(_too_long, (event.kind, *event.fields.values()))):
            raise OversizedError(f"a text in an event is longer than {limits.TEXT_CHARACTERS} characters")
    return Happenings(events)


def _event(message: telemetry_pb2.Event) -> Event:
    slots = message.fields
    if len(slots) > limits.FIELDS_PER_EVENT:
        raise OversizedError(f"an event with {len(slots)} fields, at most {limits.FIELDS_PER_EVENT}")
    # Most values are texts or integers; to ask of each what it is costs more than to read it as both.
    fields = {
        name: value
        for name in slots
        if (value := (slot := slots[name]).text or slot.integer or _value(slot)) is not None
    }
    # Of most events all names together are not too long for one.
    if len("".join(fields)) > limits.NAME_CHARACTERS and max(map(len, fields)) > limits.NAME_CHARACTERS:
        raise OversizedError(f"a name in an event is longer than {limits.NAME_CHARACTERS} characters")
    return Event(message.kind, message.wall_ns, message.mono_ns, fields)


def _value(slot: telemetry_pb2.Value) -> FieldValue | None:
    """The value of a field; None for a kind of value this version does not know."""
    match slot.WhichOneof("kind"):
        case "integer":
            return slot.integer
        case "texts":
            return tuple(slot.texts.items[: limits.TEXTS_PER_FIELD])
        case "flag":
            return slot.flag
        case "real":
            return slot.real
        case "text":
            return slot.text
        case _:
            return None


def _too_long(value: FieldValue) -> bool:
    return any(len(text) > limits.TEXT_CHARACTERS for text in _texts(value))


def _texts(value: FieldValue) -> Iterable[str]:
    return (text for text in (value if isinstance(value, tuple) else (value,)) if isinstance(text, str))


def _loss(message: telemetry_pb2.Gap) -> Loss:
    known = {lane.value for lane in Lane}
    if message.lane not in known or not message.first <= message.last <= limits.NUMBER or message.epoch > limits.NUMBER:
        raise MalformedError(f"a gap on lane {message.lane} from {message.first} to {message.last} declares nothing")
    try:
        reason = LossReason[telemetry_pb2.Gap.Reason.Name(message.reason)]
    except (KeyError, ValueError):
        reason = LossReason.UNKNOWN
    if message.frames > message.last - message.first + 1:
        raise MalformedError(f"a gap of {message.frames} frames from {message.first} to {message.last}")
    return Loss(Lane(message.lane), message.epoch, message.first, message.last, reason, message.frames)
