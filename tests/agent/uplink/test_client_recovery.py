# SPDX-License-Identifier: Apache-2.0
"""What arrives when streams are cut, either end is restarted or restored, or the disk fails."""

import contextlib

from giamsat_agent.spool.spool import Caps
from giamsat_agent.uplink import client
from giamsat_wire.lane import Lane
from support.files import Disk
from support.push_server import serving
from support.relay import Relay
from support.uplinks import emptied, made, opened, put, running, until


async def test_streams_cut_again_and_again_lose_nothing_and_store_nothing_twice(tmp_path):
    spool = opened(Disk())
    payloads = [b"%04d" % number for number in range(120)]
    async with serving(tmp_path, cut_every=25) as server, running(made(spool, server)):
        put(spool, Lane.EVENT, *payloads)
        put(spool, Lane.URGENT, *payloads)
        await until(lambda: emptied(spool))

        assert server.payloads(Lane.EVENT) == server.payloads(Lane.URGENT) == payloads
        assert len(server.greetings) > 4


async def test_a_line_that_is_half_open_is_found_out_and_all_arrives_once_on_the_next(tmp_path, monkeypatch):
    quicker = [(name, 300 if value in {20_000, 60_000} else value) for name, value in client.OPTIONS]
    monkeypatch.setattr(client, "OPTIONS", tuple(quicker))
    monkeypatch.setattr(client, "HELLO_S", 0.5)
    spool, sent = opened(Disk()), []
    async with serving(tmp_path) as server:
        relay = Relay(server.port)
        with contextlib.closing(relay):
            agent = made(spool, server, f"127.0.0.1:{relay.port}")
            async with running(agent):
                for turn in range(3):
                    await until(lambda: agent.link.connected)
                    relay.freeze()
                    sent += [b"%d %d" % (turn, number) for number in range(20)]
                    put(spool, Lane.EVENT, *sent[-20:])
                    agent.wake()
                    await until(lambda: not agent.link.connected)
                    relay.thaw()
                    await until(lambda: emptied(spool))

        assert server.payloads(Lane.EVENT) == sent


async def test_frames_wait_for_a_collector_that_is_away_and_arrive_once(tmp_path):
    spool = opened(Disk())
    async with serving(tmp_path) as server:
        client = made(spool, server)
        async with running(client):
            put(spool, Lane.EVENT, *[b"%d" % number for number in range(20)])
            client.wake()
            await until(lambda: emptied(spool))
            await server.stop()
            put(spool, Lane.EVENT, *[b"%d" % number for number in range(20, 40)])
            client.wake()
            await until(lambda: not client.link.connected)
            await server.start()
            await until(lambda: emptied(spool))

        assert server.payloads(Lane.EVENT) == [b"%d" % number for number in range(40)]


async def test_an_agent_that_loses_power_again_and_again_goes_on_where_the_collector_is(tmp_path):
    disk, expected = Disk(), []
    async with serving(tmp_path) as server:
        for life in range(4):
            spool = opened(disk)
            new = [b"%d %d" % (life, number) for number in range(30)]
            put(spool, Lane.METRIC, *new)
            expected += new
            async with running(made(spool, server)):
                await until(lambda: len(server.payloads(Lane.METRIC)) >= 20 * (life + 1))  # noqa: B023 - awaited here
            disk.cut()
        spool = opened(disk)
        async with running(made(spool, server)):
            await until(lambda: emptied(spool))

        assert server.payloads(Lane.METRIC) == expected


async def test_a_collector_restored_from_a_backup_is_given_again_what_it_lost(tmp_path):
    spool = opened(Disk())
    payloads = [b"%d" % number for number in range(30)]
    async with serving(tmp_path, cut_every=40) as server, running(made(spool, server)):
        put(spool, Lane.EVENT, *payloads)
        await until(lambda: emptied(spool))
        await server.stop()
        lane = server.lanes[Lane.EVENT]
        lane.held, lane.frames = 10, lane.frames[:10]
        await server.start()
        await until(lambda: len(lane.frames) == 30)

        assert server.payloads(Lane.EVENT) == payloads


async def test_a_spool_restored_from_a_snapshot_begins_a_new_epoch_and_loses_nothing(tmp_path):
    disk = Disk()
    spool = opened(disk)
    async with serving(tmp_path) as server:
        put(spool, Lane.EVENT, b"a", b"b")
        async with running(made(spool, server)):
            await until(lambda: emptied(spool))
        server.lanes[Lane.EVENT].held = 9
        spool = opened(disk)
        before = spool.state(Lane.EVENT).epoch
        put(spool, Lane.EVENT, b"c")
        async with running(made(spool, server)):
            await until(lambda: server.lanes[Lane.EVENT].epoch > before and emptied(spool))

        assert server.payloads(Lane.EVENT) == [b"a", b"b", b"c"]


async def test_a_lane_goes_on_after_a_damaged_frame(tmp_path):
    disk = Disk()
    put(opened(disk), Lane.EVENT, *[b"x" * 1_000] * 10)
    disk.folder("event").damage(f"{1:016x}.seg", 4_500)
    spool = opened(disk)
    ((first, last),) = spool.state(Lane.EVENT).holes
    async with serving(tmp_path) as server, running(made(spool, server)):
        await until(lambda: emptied(spool))

        assert server.seqs(Lane.EVENT) == [seq for seq in range(1, 11) if not first <= seq <= last]
        assert server.missing == [(Lane.EVENT, first, last)]
        assert len(server.payloads(Lane.URGENT)) == 1  # the declaration


async def test_frames_evicted_while_connected_are_passed_over(tmp_path):
    spool = opened(Disk(), Caps(urgent=1 << 20, event=30_000, metric=1 << 20, bulk=1 << 20))
    async with serving(tmp_path, deaf=True) as server:
        client = made(spool, server)
        async with running(client):
            put(spool, Lane.EVENT, *[b"x" * 1_000] * 10)
            client.wake()
            await until(lambda: server.seqs(Lane.EVENT))
            for _ in range(60):
                put(spool, Lane.EVENT, b"y" * 1_000)
            server.deaf = False
            await server.stop()
            await server.start()
            await until(lambda: emptied(spool))

        state = spool.state(Lane.EVENT)
        assert server.seqs(Lane.EVENT)[-1] == state.committed
        assert spool.declared_lost[Lane.EVENT] > 0


async def test_a_disk_that_cannot_be_read_for_a_while_only_delays(tmp_path, monkeypatch):
    disk = Disk()
    put(opened(disk), Lane.EVENT, b"a", b"b")
    spool = opened(disk)
    folder = disk.folder("event")
    read = folder.read

    def refused(name):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(folder, "read", refused)
    async with serving(tmp_path) as server:
        client = made(spool, server)
        async with running(client):
            await until(lambda: "Too many open files" in client.link.problem)
            monkeypatch.setattr(folder, "read", read)
            await until(lambda: emptied(spool))

        assert server.payloads(Lane.EVENT) == [b"a", b"b"]


async def test_a_disk_that_refuses_everything_does_not_end_the_connection(tmp_path):
    disk = Disk()
    spool = opened(disk)
    put(spool, Lane.EVENT, b"a", b"b")
    disk.failing = {"put", "remove", "create", "append", "sync"}
    async with serving(tmp_path) as server, running(made(spool, server)) as task:
        await until(lambda: emptied(spool))

        assert not task.done()
        assert server.payloads(Lane.EVENT) == [b"a", b"b"]
