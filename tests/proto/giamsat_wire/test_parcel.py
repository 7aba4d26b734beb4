# SPDX-License-Identifier: Apache-2.0
import io

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from giamsat_wire import parcel
from giamsat_wire.lane import Lane
from giamsat_wire.parcel import FRAMES_PER_PIECE, MAGIC, PIECE_BYTES, Opener, ParcelError, Run, begun, pieces
from support.parcels import AGENT, carried, key, run, sealed, taken_apart

CARRIER, BOUND = key(), key()
RUNS = [
    run(1, 2, lane=Lane.URGENT),
    run(4, 5, 6, acked=3),
    run(carried(9, bytes(300_000), lane=Lane.BULK), lane=Lane.BULK),
]
FILE = sealed(RUNS, carrier=CARRIER, bound=BOUND)


def opened(data, carrier=CARRIER):
    """Every run of a file, as the collector reads it."""
    file = io.BytesIO(data)
    opener = Opener(begun(file), carrier)
    return [opener.piece(number, piece, last=last) for number, (piece, last) in enumerate(pieces(file))]


def refused(data, carrier=CARRIER):
    with pytest.raises(ParcelError) as caught:
        opened(data, carrier)
    return caught.value.reason


def test_what_was_sealed_is_opened_and_the_head_says_whose_it_is():
    head, _ = taken_apart(FILE)

    assert opened(FILE) == [*RUNS, None]
    assert (head.agent_id, head.sealed_ns) == (AGENT, 7)


def test_nothing_of_a_frame_can_be_read_on_the_way():
    text = b"Failed password for root"

    assert text not in sealed([run(carried(1, text))], carrier=CARRIER, bound=BOUND)


def test_two_parcels_of_the_same_frames_have_nothing_sealed_in_common():
    again = sealed(RUNS, carrier=CARRIER, bound=BOUND)

    assert [piece for piece, _ in taken_apart(again)[1]] != [piece for piece, _ in taken_apart(FILE)[1]]


def test_another_collector_cannot_open_it():
    assert refused(FILE, key()) == "foreign_key"


SMALL = sealed([run(1)], carrier=CARRIER, bound=BOUND)


@given(at=st.integers(0, len(SMALL) - 1), bit=st.integers(0, 7))
@settings(deadline=None, max_examples=300)
def test_a_bit_that_was_changed_anywhere_is_found(at, bit):
    changed = bytearray(SMALL)
    changed[at] ^= 1 << bit

    assert refused(bytes(changed))


def test_a_file_that_was_cut_off_anywhere_is_refused():
    reasons = {refused(SMALL[:size]) for size in range(len(SMALL))}

    assert reasons == {"not_a_parcel", "cut_off"}


def test_pieces_may_not_be_left_out_exchanged_or_added():
    head = len(FILE) - sum(4 + len(piece) for piece, _ in taken_apart(FILE)[1])
    parts, at = [], head
    for piece, _ in taken_apart(FILE)[1]:
        parts.append(FILE[at : at + 4 + len(piece)])
        at += 4 + len(piece)
    first, second, third, end = parts

    assert refused(FILE[:head] + first + third + end) == "damaged"
    assert refused(FILE[:head] + second + first + third + end) == "damaged"
    assert refused(FILE[:head] + end) == "damaged"
    assert refused(FILE + end) == "damaged"


def test_a_head_that_another_key_signed_is_refused():
    head, _ = taken_apart(FILE)
    other, _ = taken_apart(sealed(RUNS, carrier=CARRIER, bound=key()))

    with pytest.raises(ParcelError, match="not signed by the key it names"):
        parcel.head(head.encoded, other.signature)


def test_a_piece_that_claims_to_be_huge_is_not_even_read():
    head = FILE[: len(FILE) - sum(4 + len(piece) for piece, _ in taken_apart(FILE)[1])]

    assert refused(head + (PIECE_BYTES + 1).to_bytes(4, "little") + b"x") == "oversized"
    assert refused(MAGIC + b"\xff\xff" + bytes(70_000)) == "oversized"


@pytest.mark.parametrize(
    "wrong",
    [
        run(carried(1), carried(3)),
        run(carried(2), carried(1), first=1, next_=5),
        run(carried(7), first=8),
        run(carried(7), next_=7),
        run(carried(1), epoch=1 << 63),
        Run(Lane.EVENT, 5, 0, 9, 0, ()),
        run(carried(1), acked=(1 << 62) + 1),
        Run(Lane.EVENT, 5, 1, 1 << 20, 0, tuple(carried(seq, b"") for seq in range(1, FRAMES_PER_PIECE + 2))),
    ],
    ids=["a gap", "backwards", "before its first", "after its next", "epoch", "number 0", "acked", "too many"],
)
def test_an_agent_that_seals_nonsense_is_refused(wrong):
    assert refused(sealed([wrong], carrier=CARRIER, bound=BOUND)) == "malformed"


@pytest.mark.parametrize("other", [ec.generate_private_key(ec.SECP384R1()).public_key(), None], ids=["P-384", "none"])
def test_a_key_of_another_kind_is_refused(other):
    der = serialization.Encoding.DER
    data = b"none" if other is None else other.public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)

    with pytest.raises(ParcelError, match="a key in its head"):
        parcel.public_key(data)


@given(data=st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_are_refused_with_a_reason(data):
    assert refused(data)
    assert refused(MAGIC + data)
