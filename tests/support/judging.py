# SPDX-License-Identifier: Apache-2.0
"""A pipeline on a real database with the shipped rules, and frames as agents make them."""

import asyncio
import contextlib
from functools import cache

from giamsat_collector.alerts import ledger, search
from giamsat_collector.coverage.source_minutes import Books
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest import frames, progress
from giamsat_collector.ingest.frames import Arrival, StoredFrame
from giamsat_collector.ingest.notices import Notices
from giamsat_collector.ingest.session import Incoming
from giamsat_collector.ingest.tail import Tail
from giamsat_collector.judge import Judge
from giamsat_collector.pipeline import READER, SILENCE_EVERY_S, Pipeline
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.stores.sqlite import SqliteStore
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_wire.codec import encode_happenings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event
from support.patience import Patience
from support.tables import create_tables

ASSET = "11111111-1111-4111-8111-111111111111"
SECOND = 1_000_000_000
GUESSER = "192.0.2.66"


@cache
def _shipped():
    return load_rules(shipped().detections), load_pack(shipped().pack)


def engine():
    """A fresh engine with the shipped rules and levels."""
    return Engine(*_shipped())


def failed_login(at_ns, address=GUESSER):
    """One guess at a password, as sshd's log tells it."""
    fields = {
        "event.category": ("authentication",),
        "event.outcome": "failure",
        "event.provider": "journald",
        "process.name": "sshd",
        "source.ip": address,
        "user.name": "root",
    }
    return Event("user-login", at_ns, 0, fields)


async def until(happened):
    """Wait until something holds, for ten seconds at most that are not a busy machine's."""
    patience = Patience(10)
    while not happened():
        assert patience.lasts(), f"it never came that {happened}"
        await asyncio.sleep(0.002)


class Works:
    """One collector's worth of judging; `again()` is what is there after the process died and was started anew."""

    def __init__(self, path, clock, level=3):
        self.path, self.clock, self.level = path, clock, level
        self.seqs = {}
        self._open()

    def _open(self):
        self.store = SqliteStore(self.path)
        self.registry, self.fleet, self.pages = Registry(), Fleet(self.clock), HostPages()
        self.judge = Judge(engine(), self.registry, self.pages, self.fleet)
        self.books = Books(lambda _: {})
        self.tail = Tail()
        self.told = self.turns = 0
        self.pipeline = self.on(self.store)

    def on(self, store):
        """A pipeline with these parts whose rows are in `store`."""
        return Pipeline(
            store=store,
            judge=self.judge,
            books=self.books,
            registry=self.registry,
            notices=Notices(store, self.clock, self.tail.news.set),
            clock=self.clock,
            tail=self.tail,
            recorded=self._hear,
            alive=self._work,
        )

    def _work(self):
        self.turns += 1

    def _hear(self):
        self.told += 1

    async def begin(self):
        """Make the tables and place the asset in a system of the level."""

        def work(connection):
            create_tables(connection)
            rows.put_units(connection, [Unit("40.412", "Thành phố Vinh", UnitKind.DISTRICT)])
            rows.put_systems(connection, [System("S1", "Hệ thống", "40.412", self.level)])
            rows.put_assets(connection, [Asset(ASSET, "máy-1", AssetKind.HOST, "40.412", ("S1",))], 0)

        await self.store.write(work)
        await self.store.read(self.registry.load)
        return self

    async def again(self):
        """The same rows, everything in memory lost, windows rebuilt."""
        await self.store.close()
        self._open()
        await self.store.read(self.registry.load)
        await self.pipeline.rebuild()

    async def arrive(self, encoded, lane=Lane.EVENT, agent=ASSET):
        """Frames become durable, as the intake makes them; the id of the newest."""
        arrivals = []
        for one in encoded:
            seq = self.seqs[agent, lane] = self.seqs.get((agent, lane), 0) + 1
            incoming = Incoming(lane, 5, seq, int(one.flags), one.payload, 0)
            arrivals.append(Arrival(agent, incoming, self.clock.wall_ns(), 0))
        self.tail.add(await self.store.write(lambda connection: frames.append(connection, arrivals)))
        self.tail.news.set()
        return (await self.store.read(lambda connection: frames.after(connection, 0, 100_000)))[-1].id

    async def guesses(self, number, address=GUESSER):
        """That many failed logins a second apart, one frame each, ending now."""
        last = 0
        for _ in range(number):
            self.clock.advance(SECOND)
            last = await self.arrive(encode_happenings([failed_login(self.clock.wall_ns(), address)]))
        return last

    @contextlib.asynccontextmanager
    async def running(self):
        """The pipeline at work."""
        self._judging = asyncio.ensure_future(self.pipeline.run())
        try:
            yield self
        finally:
            self._judging.cancel()
            await asyncio.gather(self._judging, return_exceptions=True)

    @property
    def over(self):
        """Whether the pipeline died."""
        return self._judging.done()

    async def judged(self, frame_id):
        """Wait until everything up to a frame was judged and recorded."""
        await until(lambda: self.pipeline.figures.cursor >= frame_id)

    async def reached(self, frame_id):
        """Likewise, and until a restart would know it: what left nothing is noted at the next look for silence."""
        await self.judged(frame_id)
        self.clock.advance(int(SILENCE_EVERY_S * SECOND))
        self.tail.news.set()
        patience = Patience(10)
        while await self.store.read(lambda connection: progress.reached(connection, READER)) < frame_id:
            assert patience.lasts(), f"frame {frame_id} was not reached"
            await asyncio.sleep(0.002)

    async def alerts(self, rule="ssh_brute_force"):
        """The alerts of a rule, with all that is known of them."""

        def work(connection):
            page = search.search(connection, search.Filter(), after=None, limit=200)
            return [ledger.get(connection, found.id) for found in page.alerts if found.rule == rule]

        return await self.store.read(work)

    async def rows(self, table):
        """Every row of a table."""
        return await self.store.read(lambda connection: connection.execute(table.select()).all())


def stored(encoded, *, lane=Lane.EVENT, id_=1, agent=ASSET, received_ns=0, offset_ns=0, epoch=5):
    """A frame as the pipeline hands it to the judge."""
    flags = int(encoded.flags)
    return StoredFrame(id_, agent, epoch, lane, id_, flags, received_ns, offset_ns, encoded.payload)
