# SPDX-License-Identifier: Apache-2.0
from random import Random

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from giamsat.v1 import telemetry_pb2
from giamsat_wire import limits
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.codec import (
    FrameFlag,
    Happenings,
    Readings,
    decode,
    encode_happenings,
    encode_loss,
    encode_readings,
    reading_times,
)
from giamsat_wire.errors import MalformedError, OversizedError, WireError
from giamsat_wire.lane import Lane
from giamsat_wire.record import Columns, Event, Loss, LossReason, Sample, SampleSet

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
field_values = st.one_of(
    texts, st.booleans(), st.integers(-(1 << 63), (1 << 63) - 1), st.floats(allow_nan=False), st.lists(texts).map(tuple)
)
events = st.builds(
    Event,
    kind=texts,
    wall_ns=st.integers(0, (1 << 64) - 1),
    mono_ns=st.integers(0, (1 << 64) - 1),
    fields=st.dictionaries(texts.filter(bool), field_values, max_size=6),
)


def decoded(frames):
    return [decode(frame.flags, frame.payload, ChainDecoder()) for frame in frames]


@given(st.lists(events, max_size=5))
def test_events_come_back_as_they_were(sent):
    (got,) = decoded(encode_happenings(sent))

    assert got == Happenings(tuple(sent))


def test_a_storm_is_split_in_order():
    storm = [Event("user-login", number, number, {"message": str(number) * 900}) for number in range(2_500)]

    got = decoded(encode_happenings(storm))

    assert [event.wall_ns for frame in got for event in frame.events] == list(range(2_500))


def test_too_long_text_is_cut_and_marked():
    (got,) = decoded(encode_happenings([Event("k", 0, 0, {"message": "ế" * 9_000})]))

    text = got.events[0].fields["message"]
    assert len(text) == limits.TEXT_CHARACTERS
    assert text.endswith("…")


def test_lone_surrogates_do_not_stop_an_event():
    (got,) = decoded(encode_happenings([Event("k", 0, 0, {"user.name": "a\udcffb"})]))

    assert got.events[0].fields["user.name"] == "a?b"


def test_samples_come_back_as_they_were():
    encoder = ChainEncoder()
    sent = SampleSet(5, 6, (Sample("node_load1", 0.25),))

    frame = encode_readings(encoder, [sent], begin=False)

    assert FrameFlag.KEYFRAME in frame.flags
    assert decode(frame.flags, frame.payload, ChainDecoder()) == Readings((Columns(5, 6, sent.series, sent.values),))


@pytest.mark.parametrize(("reason", "frames"), [(LossReason.SPOOL_FULL, 0), (LossReason.THINNED, 6)])
def test_a_loss_comes_back_as_it_was(reason, frames):
    loss = Loss(Lane.METRIC, 7, 10, 20, reason, frames)

    (got,) = decoded([encode_loss(loss)])

    assert got == loss


def test_a_loss_of_more_frames_than_its_range_holds_is_refused():
    forged = encode_loss(Loss(Lane.METRIC, 7, 10, 20, LossReason.THINNED, 12))

    with pytest.raises(MalformedError, match="12 frames"):
        decoded([forged])


def test_the_times_of_readings_are_the_same_in_whatever_chain_they_are():
    reading = SampleSet(5, 6, (Sample("node_load1", 1.0),))
    chain = ChainEncoder()
    encode_readings(chain, [SampleSet(1, 2, (Sample("node_load1", 0.5),))], begin=True)
    frames = [encode_readings(chain, [reading], begin=False), encode_readings(ChainEncoder(2), [reading], begin=True)]

    assert frames[0] != frames[1]
    assert [reading_times(frame.flags, frame.payload) for frame in frames] == [(5,), (5,)]
    assert reading_times(0, b"") == ()
    with pytest.raises(MalformedError):
        reading_times(0, b"\xff")


@pytest.mark.parametrize("size", [limits.INFLATED_BYTES + 1, 512 << 20])
def test_a_compressed_bomb_is_refused_by_its_header(size):
    bomb = zstandard.ZstdCompressor().compress(bytes(size))

    with pytest.raises(OversizedError, match="claims"):
        decode(FrameFlag.ZSTD, bomb, ChainDecoder())


def test_a_bomb_that_hides_its_size_is_refused():
    compressor = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    bomb = compressor.compress(bytes(64 << 20)) + compressor.flush()

    with pytest.raises(MalformedError):
        decode(FrameFlag.ZSTD, bomb, ChainDecoder())


def test_a_payload_above_the_limit_is_refused_unread():
    with pytest.raises(OversizedError, match="262145"):
        decode(0, bytes(limits.FRAME_BYTES + 1), ChainDecoder())


@given(st.binary(max_size=300), st.sampled_from([0, 1, 8, 9, 255]))
def test_any_bytes_are_either_understood_or_refused(payload, flags):
    try:
        got = decode(flags, payload, ChainDecoder())
    except WireError:
        return

    assert isinstance(got, Readings | Happenings | Loss)


def test_unknown_fields_and_bodies_are_no_error():
    newer = telemetry_pb2.Payload().SerializeToString() + b"\xfa\x01\x03abc"

    assert decode(0, newer, ChainDecoder()) == Happenings(())


def test_a_value_of_a_kind_that_is_not_known_yet_is_left_out():
    message = telemetry_pb2.Payload()
    fields = message.events.events.add(kind="k").fields
    fields["newer"].MergeFromString(b"\xfa\x01\x03abc")
    fields["empty"].text, fields["zero"].integer, fields["false"].flag, fields["none"].texts.items[:] = "", 0, False, []

    got = decode(0, message.SerializeToString(), ChainDecoder())

    assert got.events[0].fields == {"empty": "", "zero": 0, "false": False, "none": ()}


@pytest.mark.parametrize("where", ["kind", "name", "text", "one of several texts"])
@pytest.mark.parametrize("over", [0, 1])
def test_a_text_longer_than_an_encoder_writes_is_refused(where, over):
    message = telemetry_pb2.Payload()
    event, long = message.events.events.add(kind="k"), "ộ" * (limits.TEXT_CHARACTERS + over)
    match where:
        case "kind":
            event.kind = long
        case "name":
            event.fields["ộ" * (limits.NAME_CHARACTERS + over)].text = "x"
        case "text":
            event.fields["message"].text = long
        case _:
            event.fields["process.args"].texts.items.extend(["x", long])

    try:
        got = decode(0, message.SerializeToString(), ChainDecoder())
    except OversizedError:
        got = None

    assert (got is None) == bool(over)


def test_too_many_events_in_a_frame_are_refused():
    message = telemetry_pb2.Payload()
    for _ in range(limits.EVENTS_PER_FRAME + 1):
        message.events.events.add()

    with pytest.raises(OversizedError):
        decode(0, message.SerializeToString(), ChainDecoder())


@pytest.mark.parametrize("most", [2_000, 30_000])
def test_frames_for_a_thin_link_are_no_larger_than_they_may_be_and_lose_nothing(most):
    rng = Random(1)
    storm = [Event("user-login", number, 0, {"message": rng.randbytes(40).hex()}) for number in range(1_500)]

    frames = encode_happenings(storm, most_bytes=most)

    assert max(len(frame.payload) for frame in frames) <= most
    assert min(len(frame.payload) for frame in frames[:-1]) > most / 3
    got = decoded(frames)
    assert [event.wall_ns for frame in got for event in frame.events] == list(range(1_500))


def test_an_event_alone_may_be_larger_than_wished_for():
    text = Random(1).randbytes(3_000).hex()

    (got,) = decoded(encode_happenings([Event("k", 0, 0, {"message": text})], most_bytes=1_000))

    assert got.events[0].fields["message"] == text


@pytest.mark.parametrize("many", [False, True], ids=["texts", "lists of texts"])
def test_an_event_that_no_frame_can_hold_is_cut_until_one_can(many):
    """Sixty-four fields of eight thousand letters each, none of which repeats."""
    rng = Random(1)

    def text():
        return "".join(chr(rng.randrange(0x4E00, 0x9FFF)) for _ in range(8_000))

    fields = {f"field{number}": (text(), text()) if many else text() for number in range(limits.FIELDS_PER_EVENT)}
    fields["port"] = 22

    (got,) = decoded(encode_happenings([Event("k", 7, 0, fields)]))

    (event,) = got.events
    assert (event.wall_ns, event.fields["field0"][-1][-1], len(event.fields)) == (7, "…", limits.FIELDS_PER_EVENT)
