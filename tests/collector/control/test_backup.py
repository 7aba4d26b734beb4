# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.backup.standing import Standing
from giamsat_collector.control.backup import BackupCommands
from support.clock import ManualClock


async def test_a_backup_that_was_taken_is_known_from_then_on(tmp_path):
    clock = ManualClock()
    standing = Standing(tmp_path, clock.wall_ns())
    clock.advance(10**12)

    await BackupCommands(standing, clock).commands()["backup.taken"]()

    assert (standing.last_ns, standing.age_s(clock.wall_ns())) == (clock.wall_ns(), 0)
