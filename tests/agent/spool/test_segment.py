# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.spool import segment
from giamsat_agent.spool.segment import Description, survey

LANE = 2
HEADER = segment.describe(
    Description(
        format=1, epoch=7, since=3, agent="a", boot="b", created_ns=5, positions={"journald": b"s=1", "auth": b"\x00"}
    ),
    LANE,
    10,
)


def frame(seq, payload=b"payload", flags=1, lane=LANE):
    return segment.encode(flags=flags, lane=lane, seq=seq, payload=payload)


def numbers(data, first=10):
    return [record.seq for record in survey(data, LANE, first).records if record.is_frame]


def test_a_frame_is_a_header_of_sixteen_bytes_a_checksum_and_the_payload_little_endian():
    data = frame(0x0102, b"xyz")

    assert data[:16] == b"GS\x01\x02\x03\x00\x00\x00\x02\x01\x00\x00\x00\x00\x00\x00"
    assert data[20:] == b"xyz"
    assert int.from_bytes(data[16:20], "little") == segment.crc_of(data)


@given(st.lists(st.binary(max_size=300), max_size=20), st.integers(1, 2**63))
def test_what_is_encoded_is_found_again_byte_for_byte(payloads, first):
    data = b"".join(frame(first + place, payload) for place, payload in enumerate(payloads))

    found = survey(data, LANE, first)

    assert [record.payload for record in found.records] == payloads
    assert [data[record.start : record.end] for record in found.records] == [
        frame(first + place, payload) for place, payload in enumerate(payloads)
    ]
    assert found.damaged_at is None


def test_a_segment_says_whose_it_is_in_which_epoch_and_how_far_logs_were_read():
    record = survey(HEADER, LANE, 10).records[0]

    found = segment.description(record)

    assert (found.epoch, found.since, found.agent) == (7, 3, "a")
    assert found.positions == {"journald": b"s=1", "auth": b"\x00"}
    assert not record.is_frame


STRANGE = {
    "of a later format": b"\x93\x01\x02\x03",
    "nested without end": b"\x91" * 5_000 + b"\xc0",
    "with a value that nests without end": b"\x81\xa4more" + b"\x91" * 5_000 + b"\xc0",
    "no text": b"\x81\xa2\xe2\x80\xc0",
}


@pytest.mark.parametrize("payload", STRANGE.values(), ids=STRANGE)
def test_what_is_said_otherwise_than_this_version_says_it_is_not_understood_and_no_error(payload):
    strange = segment.encode(flags=segment.SEGMENT, lane=LANE, seq=1, payload=payload)
    (record,) = survey(strange, LANE, 1).records

    assert segment.description(record) is None
    assert segment.positions_of(record) == {}


def test_positions_are_found_again_and_are_not_sent():
    data = segment.encode_positions({"journald": b"s=9"}, lane=LANE, seq=10)

    record = survey(data, LANE, 10).records[0]

    assert segment.positions_of(record) == {"journald": b"s=9"}
    assert not record.is_frame


def test_one_flipped_bit_costs_one_frame():
    data = bytearray(HEADER + frame(10) + frame(11) + frame(12))
    data[len(HEADER) + len(frame(10)) + 22] ^= 1

    assert numbers(bytes(data)) == [10, 12]
    assert survey(bytes(data), LANE, 10).damaged_at == len(HEADER) + len(frame(10))


@given(st.integers(0, 400), st.integers(0, 255))
def test_whatever_byte_is_overwritten_no_frame_changes_and_at_most_one_is_lost(place, value):
    whole = HEADER + b"".join(frame(10 + number, b"payload %d" % number) for number in range(6))
    place %= len(whole)
    data = whole[:place] + bytes([value]) + whole[place + 1 :]

    found = [(record.seq, record.payload) for record in survey(data, LANE, 10).records if record.is_frame]

    assert set(found) <= {(10 + number, b"payload %d" % number) for number in range(6)}
    assert len(found) >= 5


@given(st.data())
def test_a_segment_cut_anywhere_keeps_every_frame_before_the_cut(data):
    whole = b"".join(frame(10 + number) for number in range(5))
    cut = data.draw(st.integers(0, len(whole)))

    assert numbers(whole[:cut]) == [10 + number for number in range(cut // len(frame(10)))]


def test_text_that_looks_like_a_frame_is_not_one():
    inner = frame(11, b"not a frame")

    assert numbers(HEADER + frame(10, inner) + frame(11)) == [10, 11]


def test_text_that_looks_like_a_frame_cannot_move_the_numbering_when_its_own_frame_is_damaged():
    inner = frame(2**60, b"not a frame")
    data = bytearray(HEADER + frame(10, inner) + frame(11))
    data[len(HEADER) + 4] ^= 0x40  # the length of the outer frame

    assert numbers(bytes(data)) == [11]


def test_positions_behind_damage_are_not_trusted():
    positions = segment.encode_positions({"journald": b"s=9"}, lane=LANE, seq=11)
    damaged = b"\x00" + frame(10)[1:]

    found = survey(damaged + positions + frame(11), LANE, 10)

    assert [record.seq for record in found.records] == [11]
    assert found.records[0].is_frame


def test_frames_of_another_lane_are_damage():
    assert numbers(frame(10) + frame(11, lane=3) + frame(12)) == [10, 12]


def test_a_number_written_twice_counts_once():
    assert numbers(frame(10, b"first") + frame(10, b"again") + frame(11)) == [10, 11]


@given(st.binary(max_size=600))
def test_noise_is_never_an_error(noise):
    assert all(record.end <= len(noise) for record in survey(noise, LANE, 1).records)
