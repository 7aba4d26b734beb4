# SPDX-License-Identifier: Apache-2.0
"""A host that is set back to a snapshot of its disk gives numbers again; nothing that it makes is swallowed."""

from random import Random

from support.session_history import LANES
from support.snapshot_history import SnapshotHistory

ROLLED_BACK = 100


def test_whatever_a_host_made_after_it_was_set_back_is_stored_in_a_new_epoch():
    draw, kept_quiet = Random(20), 0
    for seed in range(ROLLED_BACK):
        life = SnapshotHistory(seed)
        life.append(draw.randrange(1, 8))
        life.settle()
        life._take_snapshot()
        before = {lane: life.spool.state(lane).next for lane in LANES}
        life.append(draw.randrange(1, 8))
        life.settle()
        went_on = {lane for lane in LANES if life.spool.state(lane).next > before[lane]}

        life._roll_back()
        life.append(draw.randrange(0, 16))  # fewer, as many or more than the collector holds of the other past
        life.settle()

        # Where the first of them did not even fit the disk, that is what is declared.
        kept_quiet += sum(not (life.regressed(lane) or life.spool.declared_lost[lane]) for lane in went_on)

    assert kept_quiet == 0
