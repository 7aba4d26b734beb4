# SPDX-License-Identifier: Apache-2.0
"""A small province of which a report can be made: two units, one of them merged into the other in the period."""

from datetime import UTC

from giamsat_collector.alerts.alert import State
from giamsat_collector.availability.maintenance import Maintenance
from giamsat_collector.availability.minutes import MINUTE_NS, Span
from giamsat_collector.availability.month import Availability, Month
from giamsat_collector.availability.months import Months
from giamsat_collector.coverage.declared import Declaration, Declared
from giamsat_collector.registry.history import Fact, History, Key, Kind, Record, key_of
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.reports.content import Said
from giamsat_collector.reports.figures import Alerted, Figures, Listed
from giamsat_collector.reports.period import month
from giamsat_collector.reports.scope import Scope
from giamsat_wire.clock import SECOND_NS

NOVEMBER = month("2026-11", UTC)
MERGED = NOVEMBER.since_ns + 10
RECORDS: tuple[Record, ...] = (
    *(Unit(name, f"Xã {name}", UnitKind.COMMUNE) for name in ("u1", "u2", "u3")),
    System("S1", "Thư", "u1", 3),
    System("S2", "Cổng", "u2", 2),
    Asset("A1", "máy-1", AssetKind.HOST, "u1", ("S1",)),
)
HISTORY = History({key_of(one): one for one in RECORDS})
HISTORY.add(Fact(Key(Kind.UNIT, "u1"), MERGED, {"valid_to": "2026-10-31", "successor": "u2"}))
BEFORE, AFTER = Scope(HISTORY, MERGED - 1), Scope(HISTORY, NOVEMBER.until_ns - 1)
DECLARATION = Declaration(
    1,
    "pack 1",
    (
        Declared("S1", "Thư", "u1", "Xã u1", 3, "partly", {"hosts.reporting": "met", "clock.in_sync": "unmet"}),
        Declared("S2", "Cổng", "u2", "Xã u2", 2, "unknown", {"hosts.reporting": "unknown"}),
    ),
)


def alerted(title, *, state=State.NEW, severity="high", number=1):
    """Alerts of the first unit."""
    return Alerted(f"Dò mật khẩu {title}", "u1", severity, state, number)


def listed(*found):
    """The same as a list has them, each on its own."""
    each = [one for one in found for _ in range(one.number)]
    return [Listed(one.title, "A1", one.severity, one.state, NOVEMBER.since_ns) for one in each]


FIGURES = Figures(
    opened=(
        alerted(1, number=2),
        alerted(2, state=State.RESOLVED),
        alerted(3, severity="low", state=State.FALSE_POSITIVE),
    ),
    carried=(alerted(4, state=State.WAITING),),
    lost={"event": 7},
    known={"A1": 0},
)
NOTHING = Figures((), (), {}, {})
OCTOBER = NOVEMBER.since_ns // MINUTE_NS - 31 * 1440
NIGHT = Maintenance(1, "S1", MERGED, MERGED + 2 * 3600 * SECOND_NS, "nâng cấp", "an", MERGED + 1, None, None)
UNCHECKED = Months(())


def available(**systems):
    """October and November with these tallies of systems; None where one was not checked."""
    spans = (Span(OCTOBER, OCTOBER + 31 * 1440), Span(OCTOBER + 31 * 1440, OCTOBER + 61 * 1440))
    return Months(
        tuple(
            Month(
                name,
                over,
                {
                    system: Availability(system, tallies[number], {}, (NIGHT,) if system == "S1" else ())
                    for system, tallies in systems.items()
                    if tallies[number] is not None
                },
            )
            for number, (name, over) in enumerate(zip(("2026-10", "2026-11"), spans, strict=True))
        )
    )


def said(figures=FIGURES, declaration=DECLARATION, months=UNCHECKED, obligations=()):
    """Everything a report is made of."""
    return Said(figures, declaration, months, {one.id: one for one in obligations})
