# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.spool.inspection import inspect
from giamsat_wire.lane import Lane


def put(queue, *payloads):
    for payload in payloads:
        queue.append(1, payload)
    queue.commit()


def report(disk):
    return inspect(disk.folder("event"), Lane.EVENT)


def test_what_waits_is_counted_from_the_last_acknowledgement(lane, disk, clock):
    queue = lane()
    begun_ns = clock.wall_ns()
    put(queue, b"a", b"b", b"c")
    clock.advance(60_000_000_000)
    queue.acknowledge(2)

    found = report(disk)

    assert (found.acked, found.waiting, found.oldest_ns) == (2, 1, begun_ns)
    assert [(one.first, one.last, one.frames, one.damaged_at) for one in found.segments] == [(1, 3, 3, None)]
    assert found.size == queue.state.size


def test_a_lane_of_which_everything_is_acknowledged_waits_for_nothing(lane, disk):
    queue = lane()
    put(queue, b"a")
    queue.acknowledge(1)

    found = report(disk)

    assert (found.waiting, found.oldest_ns) == (0, None)


def test_damage_is_found_with_its_place_and_what_is_left_is_counted(lane, disk):
    put(lane(), *[b"x" * 1_000] * 4)
    (name,) = [name for name in disk.folder("event").names_now if name.endswith(".seg")]
    disk.folder("event").damage(name, 1_500)

    found = report(disk)

    (damaged,) = found.damaged
    assert (damaged.name, damaged.frames) == (name, 3)
    assert 0 < damaged.damaged_at <= 1_500


def test_looking_changes_nothing(lane, disk):
    put(lane(), b"a")
    before = {name: inode.written for name, inode in disk.folder("event").names_now.items()}

    report(disk)

    assert {name: inode.written for name, inode in disk.folder("event").names_now.items()} == before


def test_a_file_the_running_agent_deletes_meanwhile_is_passed_over(lane, disk):
    put(lane(), b"a")
    folder = disk.folder("event")

    class Vanishing:
        def names(self):
            return [*folder.names(), f"{99:016x}.seg"]

        read = folder.read

    assert inspect(Vanishing(), Lane.EVENT).waiting == 1
