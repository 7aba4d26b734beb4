# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector registry what-if`: what another protection level would bring a system, before anybody decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from giamsat_collector.commands.archive import archived
from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, load, out, request, say
from giamsat_collector.commands.moment import Since, Until, span
from giamsat_collector.commands.offering import in_force
from giamsat_collector.commands.registered import Registered, registered_assets
from giamsat_collector.commands.replay import length
from giamsat_collector.errors import RefusedError
from giamsat_collector.preconditions import must_be_known, must_be_registered
from giamsat_collector.rehearsal.comparison import Comparison
from giamsat_collector.rehearsal.rehearse import Rehearsal
from giamsat_collector.sentence import Sentence
from giamsat_rules.errors import RulesError
from giamsat_rules.level import LevelPack
from giamsat_rules.library import open_library
from giamsat_rules.load import load_obligations
from giamsat_rules.obligation import Obligation
from giamsat_rules.reclassify import Demand, Reclassified, reclassified
from giamsat_rules.rule import RuleSet
from giamsat_rules.standards import Standards
from giamsat_wire.clock import SystemClock

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Volume:
    """What the hosts of a system sent: bytes of events, which are `kept` for so many days, alerts at either level."""

    hosts: int
    bytes: int
    kept: tuple[int, int]
    heard: Comparison

    @property
    def per_day(self) -> float | None:
        """Bytes a day; None while less than a day is there, of which no day is made."""
        return self.bytes / self.heard.days if self.heard.enough else None


@app.command("what-if")
def what_if(
    system: Annotated[str, typer.Argument(help="Mã hệ thống. / A system's id.")],
    level: Annotated[int, typer.Argument(min=1, max=5, help="Cấp độ thử. / The level to try.")],
    pack: Annotated[
        str, typer.Option("--pack", help="Hồ sơ theo gói cấp độ khác. / By another level pack, e.g. tcvn14423-2026.")
    ] = "",
    since: Since = "7d",
    until: Until = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nếu hệ thống đổi cấp, đổi gói: nghĩa vụ, quy tắc, ngưỡng, dung lượng. / What another level or pack brings."""
    systems = {each["id"]: each for each in request(config, "registry.systems")}
    must_be_registered("system", system, systems)
    registered = systems[system]
    if registered["level"] == level and pack in {"", registered["pack"]}:
        raise RefusedError(f"{system} is of level {level} already; give another level, or another pack with --pack")
    try:
        library = open_library(in_force(request(config, "rules.show")), load(config).console.zone)
        rules, standards = library.rules, library.standards
        shown = Sentence("'giamsat-collector rules show' lists those there are")
        must_be_known(pack or standards.default.name, standards.packs, Sentence("level pack"), shown)
        before = _demand(standards.pack(registered["pack"]), registered["level"])
        found = reclassified(rules, before, _demand(standards.pack(pack or registered["pack"]), level))
    except RulesError as error:
        raise RefusedError(str(error)) from error
    volume = _volume(found, system, rules, standards, since=since, until=until, config=config)
    if as_json:
        json_lines([_as_json(system, found, volume)])
        return
    out.print(f"{registered['name']} ({system}): {_called(found.before)} → {_called(found.after)}", markup=False)
    _print(found)
    _print_volume(found, volume)
    say.print("chưa đổi gì / nothing was changed: giamsat-collector registry relevel, registry repack")


def _demand(pack: LevelPack, level: int) -> Demand:
    return Demand(pack, load_obligations(pack.origin.file.parent), level)


def _called(demand: Demand) -> str:
    return f"{demand.pack.name} cấp / level {demand.level}"


def _volume(
    found: Reclassified,
    system: str,
    rules: RuleSet,
    standards: Standards,
    *,
    since: str,
    until: str,
    config: Path | None,
) -> Volume:
    """What its hosts sent, and which alerts that brings at either level."""
    clock, assets = SystemClock(), registered_assets(config)
    systems = {each["id"]: each for each in request(config, "registry.systems")}
    systems[system] = {**systems[system], "level": found.after.level, "pack": found.after.pack.name}
    its = {
        each["id"]: max((systems[other] for other in each["systems"]), key=lambda other: int(other["level"]))
        for each in request(config, "registry.assets")
        if system in each["systems"]
    }
    moved = {
        name: {**place, "system": its[name]["id"], "level": its[name]["level"], "pack": its[name]["pack"]}
        if name in its
        else place
        for name, place in assets.items()
    }
    ours = Rehearsal(rules, standards, Registered(assets), clock)
    theirs = Rehearsal(rules, standards, Registered(moved), clock)
    first_ns, last_ns = span(since, until, load(config).console.zone)
    begun_ns, size = last_ns, 0
    for frame in archived(first_ns, last_ns, config):
        begun_ns = min(begun_ns, frame.received_ns)
        if frame.agent in its:
            size += len(frame.payload)
            ours.frame(frame)
            theirs.frame(frame)
    days = (last_ns - begun_ns) / (86_400 * 10**9)
    least = load(config).retention.event_days
    kept = max(found.kept_before, least), max(found.kept_after, least)
    return Volume(len(its), size, kept, Comparison(days, ours.outcome(), theirs.outcome()))


def _print(found: Reclassified) -> None:
    for sign, obligations in (("+", found.owed), ("-", found.released)):
        for one in obligations:
            clause = one.clauses[(found.after if sign == "+" else found.before).level]
            out.print(f"{sign} {one.title.vi} / {one.title.en} ({clause})", markup=False)
    for timed in found.timed:
        title, days = timed.obligation.title, f"{_number(timed.before)} → {_number(timed.after)}"
        out.print(f"~ {title.vi} / {title.en}: {days} ngày / days", markup=False)
    for sign, names in (("+", found.rules_added), ("-", found.rules_removed)):
        for name in names:
            out.print(f"{sign} quy tắc / rule {name}", markup=False)
    for value in found.values:
        out.print(f"~ {value.name}: {_number(value.before)} → {_number(value.after)} {value.unit}", markup=False)


def _print_volume(found: Reclassified, volume: Volume) -> None:
    heard, per_day, kept = volume.heard, volume.per_day, volume.kept
    if per_day is None:
        sent = (
            f"{_size(volume.bytes)} trong / within {length(heard)}; cảnh báo / alerts: {heard.before.queued} → "
            f"{heard.after.queued} (chưa đủ một ngày để tính theo ngày / less than a day, "
            "too little for a figure a day)"
        )
    else:
        sent = (
            f"{_size(per_day)} mỗi ngày / a day, {_size(per_day * kept[0])} → {_size(per_day * kept[1])}; "
            f"cảnh báo mỗi ngày / alerts a day: {heard.per_day_before:.1f} → {heard.per_day:.1f} "
            f"(theo / by {length(heard)})"
        )
    days = f"{found.kept_before} → {found.kept_after} ngày / days"
    say.print(f"lưu / kept: {days}; {volume.hosts} máy / hosts, {sent}")


def _as_json(system: str, found: Reclassified, volume: Volume) -> Mapping[str, Any]:
    heard, per_day = volume.heard, volume.per_day
    daily = (heard.per_day_before, heard.per_day)
    return {
        "system": system,
        "level": [found.before.level, found.after.level],
        "pack": [found.before.pack.name, found.after.pack.name],
        "obligations_added": [_owed(one, found.after.level) for one in found.owed],
        "obligations_removed": [_owed(one, found.before.level) for one in found.released],
        "days": {one.obligation.id: [one.before, one.after] for one in found.timed},
        "rules_added": found.rules_added,
        "rules_removed": found.rules_removed,
        "values": {value.name: [value.before, value.after] for value in found.values},
        "retention_days": [found.kept_before, found.kept_after],
        "hosts": volume.hosts,
        "days_heard": round(heard.days, 4),
        "bytes": volume.bytes,
        "bytes_per_day": None if per_day is None else round(per_day),
        "kept_bytes": None if per_day is None else [round(per_day * days) for days in volume.kept],
        "alerts": [heard.before.queued, heard.after.queued],
        "alerts_per_day": [round(each, 2) for each in daily] if heard.enough else None,
    }


def _owed(one: Obligation, level: int) -> Mapping[str, str]:
    return {"id": one.id, "clause": one.clauses[level]}


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.10g}"


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:  # noqa: PLR2004 - SI units
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
