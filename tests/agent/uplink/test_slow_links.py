# SPDX-License-Identifier: Apache-2.0
"""Hours and days on lines as communes have them, in made-up time; spool, session and collector are the real ones."""

import statistics
from random import Random

import pytest

from giamsat_agent.uplink.pace import LARGEST_WINDOW
from giamsat_collector.ingest.tables import frames, losses
from giamsat_wire.lane import Lane
from support.files import Disk
from support.virtual_link import Line, S, VirtualLink

HOUR_S = 3_600.0
METRICS = 350
"""Bytes of a reading of three hundred series, once the chain is under way."""


def p95(waits):
    return statistics.quantiles(waits, n=20)[-1]


def stored(link, lane):
    return [row["seq"] for row in link.database.rows(frames) if row["lane"] == lane]


def reads_on(link, rng):
    """A host as any: a reading every quarter of a minute, a few events, something urgent now and then."""
    link.every(15.0, lambda: link.put(Lane.METRIC, rng.randbytes(METRICS)))
    link.every(60.0, lambda: link.put(Lane.EVENT, rng.randbytes(400)))
    link.every(37.0, lambda: link.put(Lane.URGENT, rng.randbytes(250)))


def in_memory(link, lane):
    """Payload that the agent holds of a lane's frames."""
    backlog = link.spool._lanes[lane]._backlog
    return backlog._recent_bytes + sum(len(frame.payload) for frame in backlog._cached[1])


def test_on_9600_bits_a_second_with_losses_what_is_urgent_arrives_and_the_connection_lasts(
    pytestconfig, record_property
):
    """A way of 600 ms there and back, of which one message in twenty is lost at first; a day of it behind `make`."""
    hours = pytestconfig.option.slow_hours
    rng = Random(15)
    line = Line(9_600, delay_s=0.3, lost=0.05, rng=rng)
    link = VirtualLink(Disk().folder, line=line)
    for _ in range(400):  # a backlog that fills the line for an hour
        link.spool.append(Lane.EVENT, 1, rng.randbytes(2_000))
    link.spool.commit(Lane.EVENT)
    link.connect()
    reads_on(link, rng)

    link.run(hours * HOUR_S)

    waits = f"{len(link.urgent_s)} urgent, p95 {p95(link.urgent_s):.1f} s"
    wrong = link.cuts + (p95(link.urgent_s) > 15.0)
    record_property("9,600 bit/s", f"{hours} h, {waits}, {link.cuts} reconnections, {wrong} violations")
    assert len(link.urgent_s) >= 30 * hours
    assert p95(link.urgent_s) <= 15.0
    assert link.cuts == 0
    assert stored(link, Lane.EVENT)[:400] == list(range(1, 401))
    assert link.remarks == []


@pytest.mark.parametrize("delay_s", [0.01, 0.3])
@pytest.mark.parametrize("bits_per_s", [64_000, 512_000])
def test_a_backlog_fills_a_line_however_long_the_way_and_what_is_urgent_is_there_within_two_seconds(
    bits_per_s, delay_s
):
    rng = Random(18)
    link = VirtualLink(Disk().folder, line=Line(bits_per_s, delay_s=delay_s, lost=0.0, rng=rng))
    for _ in range(bits_per_s * 60 // 8 // 4_000):
        link.spool.append(Lane.EVENT, 1, rng.randbytes(4_000))
    link.spool.commit(Lane.EVENT)
    link.connect()
    link.every(1.9, lambda: link.put(Lane.URGENT, rng.randbytes(250)))
    link.run(10.0)
    before = link.session.pace.delivered

    link.run(40.0)

    assert (link.session.pace.delivered - before) * 8 >= 0.85 * 40 * bits_per_s
    assert p95(link.urgent_s) <= 2.0


def test_a_fast_line_that_becomes_a_thin_one_costs_a_connection_or_two_and_no_more():
    rng = Random(17)
    line = Line(20_000_000, delay_s=0.02, lost=0.0, rng=rng)
    link = VirtualLink(Disk().folder, line=line)
    for _ in range(4_000):
        link.spool.append(Lane.EVENT, 1, rng.randbytes(4_000))
    link.spool.commit(Lane.EVENT)
    link.connect()
    link.run(4.0)
    assert link.session.pace.window == LARGEST_WINDOW
    line.becomes(9_600)

    link.run(HOUR_S / 4)
    cuts, acked = link.cuts, link.spool.state(Lane.EVENT).acked
    link.run(HOUR_S)

    assert 1 <= cuts <= 2
    assert link.cuts == cuts
    assert link.spool.state(Lane.EVENT).acked > acked


@pytest.mark.parametrize(("hours", "bits_per_s"), [(18, 64_000)])
def test_after_hours_without_a_line_all_is_caught_up_and_what_is_urgent_goes_first(hours, bits_per_s):
    """With (72, 64_000) and (72, 32_000) it takes half a minute, and 17 and 34 minutes of made-up time."""
    rng = Random(16)
    link = VirtualLink(Disk().folder, line=Line(bits_per_s, delay_s=0.05, lost=0.0, rng=rng))
    for number in range(hours * 240):
        link.spool.append(Lane.METRIC, 1, rng.randbytes(METRICS))
        if number % 20 == 0:
            link.spool.append(Lane.EVENT, 1, rng.randbytes(400))
        if number % 400 == 0:
            link.spool.append(Lane.URGENT, 1, rng.randbytes(250))
    for lane in Lane:
        link.spool.commit(lane)
    waited = {lane: link.spool.state(lane).next - 1 for lane in Lane}
    link.connect()
    reads_on(link, rng)
    began, held = link.clock.mono_ns(), 0
    link.run(30.0)
    link.urgent_s.clear()  # those that had waited for hours, and what came behind them
    while any(link.spool.state(lane).acked < waited[lane] for lane in Lane):
        link.run(10.0)
        assert link.clock.mono_ns() - began < 4 * HOUR_S * S
        held = max(held, sum(in_memory(link, lane) for lane in Lane))

    assert stored(link, Lane.METRIC)[: waited[Lane.METRIC]] == list(range(1, waited[Lane.METRIC] + 1))
    assert len(link.urgent_s) >= 5
    assert p95(link.urgent_s) <= 2.0
    assert held <= 2 << 20
    assert link.database.rows(losses) == []
