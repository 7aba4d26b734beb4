# SPDX-License-Identifier: Apache-2.0
"""The lines of a whole province come back after days, all at once; spools, sessions and the collector are real ones."""

import copy
import statistics
from collections import Counter
from functools import partial
from random import Random

from sqlalchemy import delete, func, select

from giamsat_agent.spool.spool import Caps, Spool
from giamsat_agent.spool.state import Owner
from giamsat_collector.ingest.tables import frames, losses
from giamsat_wire.lane import Lane
from support.files import Disk
from support.simulated_collector import at_once
from support.virtual_collector import S, VirtualCollector
from support.virtual_link import Line, VirtualLink

BITS_PER_S = 64_000
FRAMES_PER_S = 4_000
"""A collector on one core stores and judges as many (README.md, figures)."""
COME_BACK_S = 60.0
READING_S = 15
METRIC, EVENT, URGENT = 350, 400, 250
"""Bytes of a frame: a reading of three hundred series once the chain is under way, a few events, something urgent."""
MOST_S = 4 * 3_600
LIVE_S = 2.0
GROWN = 2 << 20


def after_days_alone(clock, hours, rng):
    """The disk of a host whose line was gone for so long: a reading every 15 s, events, something urgent at times."""
    disk = Disk()
    spool = Spool(disk.folder, owner=Owner("a", "b"), clock=clock, random_bits=rng.getrandbits, caps=Caps())
    for number in range(hours * 3_600 // READING_S):
        clock.advance(READING_S * S)
        spool.append(Lane.METRIC, 1, rng.randbytes(METRIC))
        if number % 20 == 0:
            spool.append(Lane.EVENT, 1, rng.randbytes(EVENT))
        if number % 400 == 0:
            spool.append(Lane.URGENT, 1, rng.randbytes(URGENT))
    spool.close()
    return disk


class Books:
    """What the collector has stored of each lane of each agent: every number once and in order, or it is wrong."""

    def __init__(self, database):
        self._database = database
        self.last = Counter()
        self.wrong = 0

    def balance(self):
        """Count the rows that came, and let them go."""
        its = (frames.c.agent, frames.c.lane)
        seq = frames.c.seq
        counted = select(*its, func.min(seq), func.max(seq), func.count()).group_by(*its)

        def work(connection):
            for agent, lane, first, last, rows in connection.execute(counted):
                self.wrong += (first, rows) != (self.last[agent, lane] + 1, last - first + 1)
                self.last[agent, lane] = last
            connection.execute(delete(frames))

        at_once(self._database.write(work))


def in_memory(link):
    """Payload that an agent holds of its frames."""
    backlogs = [link.spool._lanes[lane]._backlog for lane in Lane]
    return sum(each._recent_bytes + sum(len(frame.payload) for frame in each._cached[1]) for each in backlogs)


def goes_on(collector, link, rng):
    """A host that came through the outage: it reads on, and its line is back within a minute."""
    now_ns = collector.clock.mono_ns()
    for lane, size, every_s in ((Lane.METRIC, METRIC, READING_S), (Lane.EVENT, EVENT, 60), (Lane.URGENT, URGENT, 37)):
        put = partial(reads, link, lane, size, rng)
        collector.at(now_ns + int(rng.uniform(0, every_s) * S), collector.every, every_s, put)
    collector.at(now_ns + int(rng.uniform(0, COME_BACK_S) * S), link.connect)


def reads(link, lane, size, rng):
    link.put(lane, rng.randbytes(size))


def province(collector, units, hours, rng):
    """A link of each unit; the outage passes once, and each has the disk that it leaves."""
    disk = after_days_alone(collector.clock, hours, rng)
    for number in range(units):
        line = Line(BITS_PER_S, delay_s=0.05, lost=0.0, rng=rng)
        agent = f"{number:08x}-3333-4333-8333-333333333333"
        link = VirtualLink(copy.deepcopy(disk).folder, line=line, collector=collector, agent=agent)
        goes_on(collector, link, rng)
        yield link


def test_after_days_without_lines_a_province_catches_up_within_hours_and_what_is_urgent_goes_first(
    pytestconfig, record_property
):
    units, hours, rng = pytestconfig.option.units, pytestconfig.option.outage_hours, Random(16)
    collector = VirtualCollector(FRAMES_PER_S)
    links = list(province(collector, units, hours, rng))
    books, held, behind = Books(collector.database), 0, list(links)
    waited = {lane: links[0].spool.state(lane).next - 1 for lane in Lane}
    healed_ns = collector.clock.mono_ns()
    collector.run(COME_BACK_S + 30.0)
    for link in links:
        link.urgent_s.clear()  # those that had waited for days, and what came behind them

    while behind and collector.clock.mono_ns() - healed_ns < 2 * MOST_S * S:
        collector.run(60.0)
        books.balance()
        held = max(held, *map(in_memory, links))
        behind = [link for link in behind if any(link.spool.state(lane).acked < waited[lane] for lane in Lane)]
    took_s = (collector.clock.mono_ns() - healed_ns) / S

    live_s = [waited_s for link in links for waited_s in link.urgent_s]
    p95, cuts = statistics.quantiles(live_s, n=20)[-1], sum(link.cuts for link in links)
    missing = sum(max(0, waited[lane] - books.last[link.agent, int(lane)]) for link in links for lane in Lane)
    lost = missing + books.wrong + len(collector.database.rows(losses)) + len(collector.remarks)
    wrong = lost + (took_s > MOST_S) + (p95 > LIVE_S) + (held > GROWN)
    counts = (
        f"{units} units, {hours} h, {units * sum(waited.values())} frames behind, {units * waited[Lane.URGENT]} urgent"
    )
    meanwhile = (
        f"{len(live_s)} urgent meanwhile p95 {p95:.2f} s, {cuts} reconnections, {held / 2**20:.2f} MiB in memory"
    )
    said = f"{counts}, {lost} lost, caught up in {took_s / 60:.0f} min, {meanwhile}, {wrong} violations"
    record_property("an outage of a province", said)
    assert (lost, behind) == (0, [])
    assert took_s <= MOST_S
    assert p95 <= LIVE_S
    assert held <= GROWN
