# SPDX-License-Identifier: Apache-2.0
"""Five units of which hosts fall silent and come back: judged, recorded and placed as the pipeline does it."""

from giamsat_collector import recording
from giamsat_collector.alerts import search
from giamsat_collector.alerts.search import Filter
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.notifying import history
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.silence import consequences
from giamsat_collector.silence.silences import Silences
from support.clock import ManualClock
from support.judging import engine

SECOND = 10**9
TICK = 5
LEVELS = {"a": 5, "b": 3, "c": 1, "d": 4, "e": 2}
UNITS = {"a": 3, "b": 2, "c": 1, "d": 1, "e": 2}
HOSTS = tuple(f"{unit}{number}" for unit, count in UNITS.items() for number in range(count))
LIMIT = {5: 75, 4: 100, 3: 150, 2: 200, 1: 280}
GRACE = {5: 45, 4: 60, 3: 110, 2: 160, 1: 240}


class Shift:
    """Five units whose hosts are heard, or not; every tick silence is judged and placed, as the pipeline does it."""

    def __init__(self, connection):
        self.connection, self.clock, self.told = connection, ManualClock(), []
        self._told = 0
        rows.put_units(connection, [Unit(unit, f"Xã {unit}", UnitKind.COMMUNE) for unit in UNITS])
        rows.put_systems(connection, [System(f"S{unit}", unit, unit, level) for unit, level in LEVELS.items()])
        rows.put_assets(
            connection, [Asset(one, f"máy {one}", AssetKind.HOST, one[0], (f"S{one[0]}",)) for one in HOSTS], 0
        )
        self.registry = Registry()
        self.registry.load(connection)
        self.open()
        for one in HOSTS:
            self.fleet.greeted(Greeting(one, one, "1", 15.0, 0, "b"))

    def open(self):
        self.fleet, self.engine = Fleet(self.clock), engine()
        self.silences = Silences(self.registry, self.fleet)

    def again(self):
        """The collector was restarted."""
        self.fleet.save(self.connection)
        self.open()
        self.fleet.load(self.connection)
        for alert in search.every_open(self.connection):
            self.engine.resume(self.registry.subject(alert.asset), alert.rule, alert.groups)
            self.silences.resume(alert)

    def passes(self, seconds, *silent):
        """Time, in which all but these are heard."""
        for _ in range(0, seconds, TICK):
            self.clock.advance(TICK * SECOND)
            now = self.clock.wall_ns()
            for one in set(HOSTS) - set(silent):
                self.fleet.heard(one, now)
            verdicts = [(one, True) for one in self.silences.judge(self.engine, now)]
            recording.record(self.connection, verdicts, self.registry, now)
            consequences.settle(self.connection, self.silences.away, self.engine.absences, now)
            self._tell()
            yield now

    def after(self, seconds, *silent):
        """The same; the assets of which an alert stands in the queue then, and of those apart each with its cause's."""
        for _ in self.passes(seconds, *silent):
            pass
        return self.queue(), self.apart()

    def queue(self):
        return sorted(one.asset for one in self.found("open"))

    def apart(self):
        cause = {one.id: one.asset for one in self.found("")}
        return {one.asset: cause[one.cause] for one in self.found("consequence")}

    def found(self, state):
        wanted = Filter.parse([("state", state)])
        return search.search(self.connection, wanted, limit=200).alerts

    def one(self, asset):
        return next(alert for alert in self.found("") if alert.asset == asset)

    def _tell(self):
        """What somebody hears who is told of everything at once."""
        self.told += [(what, one.asset) for _, what, _, one in history.since(self.connection, self._told, 1_000)]
        self._told = history.newest(self.connection)
