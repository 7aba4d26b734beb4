# SPDX-License-Identifier: Apache-2.0
import numpy as np

from giamsat_agent.packets.chunk import PADDING
from giamsat_agent.packets.sources.frame_batch import FRAMES, HEADER, SHORT, STATUS_VLAN_VALID, Sheaf

SLOT, MAC, LAST = 512, 66, 1_000
SIZES = (60, 94, 95, 446, 1_514)


def slots(sizes, *, vlan=0, second=1):
    """One slot for each frame of such a size, filled with its place as far as the kernel fills it, and with 255."""
    rows = np.full((len(sizes), SLOT), 255, np.uint8)
    for place, size in enumerate(sizes):
        head = np.zeros(1, HEADER)
        head["length"], head["captured"], head["mac"] = size, min(size, SLOT - MAC), MAC
        head["second"], head["nanosecond"], head["vlan"] = second, place, vlan
        head["status"] = STATUS_VLAN_VALID * bool(vlan)
        rows[place, : HEADER.itemsize] = head.view(np.uint8)
        rows[place, MAC : MAC + size] = place
    return rows


def frames(chunk):
    return [chunk.data[at : at + size].tobytes() for at, size in zip(chunk.offsets, chunk.lengths, strict=True)]


def test_frames_of_several_times_come_out_in_their_order_with_what_the_kernel_said_of_each():
    sheaf = Sheaf(SLOT)
    sheaf.add(slots(SIZES))
    sheaf.add(slots(SIZES[::-1], vlan=7, second=2))
    held = len(sheaf)
    chunk = sheaf.taken(1, LAST)

    expected = [min(size, SLOT - MAC) for size in (*SIZES, *SIZES[::-1])]
    assert held == len(expected)
    assert frames(chunk) == [bytes([place % len(SIZES)]) * size for place, size in enumerate(expected)]
    assert chunk.originals.tolist() == [*SIZES, *SIZES[::-1]]
    assert chunk.times_ns.tolist() == [second * 10**9 + place for second in (1, 2) for place in range(len(SIZES))]
    assert chunk.vlans.tolist() == [0] * len(SIZES) + [7] * len(SIZES)
    assert (chunk.first, chunk.first + len(chunk.offsets) - 1) == (LAST - len(expected) + 1, LAST)
    assert not chunk.data[-PADDING:].any()


def test_what_was_taken_is_gone_and_what_comes_later_leaves_it_as_it_was():
    sheaf = Sheaf(SLOT, 8 * SLOT)
    taken = []
    for second in (1, 2, 3):
        sheaf.add(slots(SIZES * 2 if second == 2 else SIZES[:1], second=second))
        taken.append(sheaf.taken(1, LAST))

    assert sheaf.taken(1, LAST) is None
    assert [len(chunk.offsets) for chunk in taken] == [1, 2 * len(SIZES), 1]
    for chunk in taken:
        assert [frame[0] for frame in frames(chunk)] == list(range(len(chunk.offsets)))


def test_a_few_frames_keep_no_room_for_many_and_short_ones_take_less_of_it():
    sheaf = Sheaf(SLOT, 100 * SLOT)
    sheaf.add(slots(SIZES[:2]))
    few = sheaf.taken(1, LAST)
    sheaf.add(slots(SIZES[2:]))

    assert few.data.nbytes == 2 * SHORT + PADDING
    assert few.data.base is None
    assert sheaf.room == 100 - 3
    assert Sheaf(SLOT, 100 * FRAMES * SLOT).room == FRAMES
