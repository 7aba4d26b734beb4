# SPDX-License-Identifier: Apache-2.0
import io

import pytest

from giamsat_wire import receipt
from giamsat_wire.lane import Lane
from giamsat_wire.parcel import ParcelError
from giamsat_wire.receipt import Held
from support.parcels import AGENT, key

CARRIER = key()
HELD = (Held(Lane.URGENT, 5, 3), Held(Lane.METRIC, 6, 1 << 40))
FILE = receipt.written(AGENT, 7, HELD, CARRIER)


def read(data, agent=AGENT, carrier=CARRIER):
    return receipt.read(io.BytesIO(data), agent, carrier.public_key())


def test_an_agent_reads_what_the_collector_wrote():
    assert read(FILE) == HELD


@pytest.mark.parametrize(
    ("words", "reason"),
    [({"carrier": key()}, "forged"), ({"agent": "22222222-2222-4222-8222-222222222222"}, "foreign")],
    ids=["another collector", "another agent"],
)
def test_a_receipt_that_is_not_ours_makes_nothing_forgotten(words, reason):
    with pytest.raises(ParcelError) as caught:
        read(FILE, **words)

    assert caught.value.reason == reason


def test_a_bit_that_was_changed_anywhere_is_found_and_so_is_a_cut():
    for at in range(len(FILE)):
        for changed in (FILE[:at] + bytes([FILE[at] ^ 1]) + FILE[at + 1 :], FILE[:at]):
            with pytest.raises(ParcelError):
                read(changed)
