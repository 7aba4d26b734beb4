# SPDX-License-Identifier: Apache-2.0
"""Alerts as an analyst has them: verdicts of the shipped rules on real rows, placed as the pipeline does it."""

from giamsat_collector import recording
from giamsat_collector.alerts import folds, ledger, search
from giamsat_collector.alerts.lifecycle import Request
from giamsat_collector.alerts.search import Filter
from giamsat_collector.notifying import history
from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.registry.snapshot import Registry
from giamsat_rules.verdict import Subject
from support.judging import engine
from support.verdicts import verdict

SECOND = 10**9


class Desk:
    """Alerts of two hosts of one unit as an analyst has them; each verdict is a transaction a second later."""

    def __init__(self, connection):
        self.connection, self.now, self.heard = connection, 0, 0
        self.rules = engine().behind
        rows.put_units(connection, [Unit("u", "Xã A", UnitKind.COMMUNE)])
        rows.put_systems(connection, [System("S", "Hệ thống", "u", 3)])
        rows.put_assets(connection, [Asset(one, one, AssetKind.HOST, "u", ("S",)) for one in ("h1", "h2", "h3")], 0)
        self.registry = Registry()
        self.registry.load(connection)

    def tell(self, rule, asset="h1", source="192.0.2.7", severity="medium", **changes):
        self.now += SECOND
        group = {**({"source.ip": source} if source else {}), **changes.pop("group", {})}
        said = verdict(rule=rule, at=self.now, subject=Subject(asset, 3), severity=severity, group=group, **changes)
        alerts = recording.record(self.connection, [(said, False)], self.registry, self.now)
        folds.settle(self.connection, alerts, self.rules, self.now)
        return alerts[0].id if alerts else None

    def do(self, alert, action, **words):
        self.now += SECOND
        return ledger.move(self.connection, alert, Request(action, "an", note="xong", **words), self.now)

    def found(self, state):
        return [one.rule for one in search.search(self.connection, Filter.parse([("state", state)])).alerts]

    def now_of(self, alert):
        return ledger.get(self.connection, alert)

    def told(self):
        """What somebody hears who is told of everything, since this was last asked."""
        said = history.since(self.connection, self.heard, 1_000)
        self.heard = history.newest(self.connection)
        return [(what, alert.rule) for _, what, _, alert in said]

    def done(self, alert):
        return [(one.actor, one.action, one.note) for one in ledger.history(self.connection, alert)]
