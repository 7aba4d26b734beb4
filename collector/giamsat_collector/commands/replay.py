# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector replay`: what other rules would have said to the events that are kept."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from giamsat_collector.commands.archive import archived
from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, load, out, request, say
from giamsat_collector.commands.moment import Since, Until, span
from giamsat_collector.commands.offering import Given, in_force, offered
from giamsat_collector.commands.registered import Registered, registered_assets
from giamsat_collector.errors import RefusedError
from giamsat_collector.rehearsal.comparison import Comparison, Difference
from giamsat_collector.rehearsal.rehearse import Expected, Rehearsal
from giamsat_rules.commands.given import Overrides
from giamsat_rules.errors import RulesError
from giamsat_rules.library import open_library
from giamsat_rules.load import Folders
from giamsat_wire.clock import SystemClock

app = typer.Typer(add_completion=False)

ABOVE: Final = 3
"""Exit code: the candidate would bring more alerts a day than the budget allows."""
UNJUDGED: Final = 4
"""Exit code: less than a day is there, which is too little to say whether the budget is kept."""
ROWS: Final = 15
"""Lines of a table for people; --json has all."""
_DAY_NS: Final = 86_400 * 1_000_000_000
_DAY_MINUTES: Final = 1_440

Budget = Annotated[
    int | None,
    typer.Option(min=0, help="Số cảnh báo mỗi ngày được phép. / Alerts a day that are allowed; 0 is no limit."),
]


@app.command()
def replay(
    rules: Annotated[
        Path | None, typer.Option("--rules", help="Thư mục hoặc gói quy tắc mới. / A folder of rules, or a bundle.")
    ] = None,
    pack: Annotated[Path | None, typer.Option("--pack", help="Gói cấp độ mới. / A level pack's folder.")] = None,
    overrides: Overrides = None,
    since: Since = "7d",
    until: Until = "",
    budget: Budget = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Thử quy tắc mới trên nhật ký đã lưu. / What other rules would have said.

    Exit code 3: more than the budget; 4: less than a day was there, too little to judge the budget by.
    """
    now = in_force(request(config, "rules.show"))
    with offered(Given(rules, pack, overrides), load(config), now) as offer:
        found = rehearsed(offer.folders, now, since=since, until=until, config=config)
    names = Registered(registered_assets(config)).unit_names()
    if as_json:
        _print_json(found)
    else:
        _print(found, names)
    must_be_within(found, allowed(budget, config))


def allowed(budget: int | None, config: Path | None) -> int:
    """Alerts a day that are allowed: what was asked for, else what the configuration says; 0 is no limit."""
    return load(config).rules.alerts_per_day if budget is None else budget


def must_be_within(found: Comparison, most: int) -> None:
    """Say it and end when a candidate is above the budget (`ABOVE`), or too little is there to tell (`UNJUDGED`)."""
    if (excess := found.excess(most)) is None:
        return
    if excess == "too_little":
        say.print(
            f"mới thử trên {length(found)}, chưa đủ một ngày để xét mức {most} cảnh báo mỗi ngày / that is less than a "
            f"day, too little to judge a budget of {most} alerts a day by; lùi --since, chờ đủ một ngày, hoặc bỏ mức / "
            "take an earlier --since, wait for a day to be kept, or set no limit: --budget 0",
            soft_wrap=True,
        )
        raise typer.Exit(UNJUDGED)
    if found.enough:
        much = f"{found.per_day:.1f} cảnh báo mỗi ngày, vượt mức {most} / alerts a day, above the budget of {most}"
    else:
        much = (
            f"{length(found)}: {found.after.queued} cảnh báo, đã vượt mức {most} của cả ngày / alerts, already above "
            f"the budget of {most} for a whole day"
        )
    say.print(f"{much}; siết ngưỡng hoặc thêm bộ lọc / tighten the rules or add filters")
    raise typer.Exit(ABOVE)


def rehearsed(candidate: Folders, now: Folders, *, since: str, until: str, config: Path | None) -> Comparison:
    """Both rulebooks on the archived events of a span.

    Raises:
        RefusedError: the span or the rules cannot be read.
    """
    clock, places = SystemClock(), Registered(registered_assets(config))
    try:
        libraries = [open_library(each, load(config).console.zone) for each in (now, candidate)]
    except RulesError as error:
        raise RefusedError(str(error)) from error
    ours, theirs = (Rehearsal(each.rules, each.standards, places, clock) for each in libraries)
    return compared(ours, theirs, since=since, until=until, config=config)


def compared(ours: Rehearsal, theirs: Rehearsal, *, since: str, until: str, config: Path | None) -> Comparison:
    """Two rehearsals on the archived events of a span.

    Raises:
        RefusedError: the span cannot be read.
    """
    first_ns, last_ns = span(since, until, load(config).console.zone)
    begun_ns = last_ns
    for frame in archived(first_ns, last_ns, config):
        begun_ns = min(begun_ns, frame.received_ns)
        ours.frame(frame)
        theirs.frame(frame)
    return Comparison((last_ns - begun_ns) / _DAY_NS, ours.outcome(), theirs.outcome())


def _print_json(found: Comparison) -> None:
    json_lines(map(_as_json, found.differences()))
    total = {
        "days": round(found.days, 4),
        "alerts_before": found.before.queued,
        "alerts": found.after.queued,
        "alerts_per_day_before": round(found.per_day_before, 2) if found.enough else None,
        "alerts_per_day": round(found.per_day, 2) if found.enough else None,
        "judging_seconds_before": round(found.before.judging_ns / 10**9, 3),
        "judging_seconds": round(found.after.judging_ns / 10**9, 3),
        "disabled": dict(found.after.disabled),
        "rules_not_rehearsed": found.after.left_out,
    }
    json_lines([total])


def _as_json(difference: Difference) -> dict[str, Any]:
    alert = difference.alert
    return {
        "change": difference.change,
        "day": str(alert.key.day),
        "rule": alert.key.rule,
        "asset": alert.key.asset,
        "unit": alert.unit,
        "level": alert.level,
        "severity": alert.severity,
        "behind": alert.behind,
        "count_before": difference.before.count if difference.before else 0,
        "count": difference.after.count if difference.after else 0,
    }


def _print(found: Comparison, names: Mapping[str, str]) -> None:
    for title, of in (
        ("cấp độ / level", lambda alert: str(alert.level or "chưa phân loại / unclassified")),
        ("quy tắc / rule", lambda alert: alert.key.rule),
        ("đơn vị / unit", lambda alert: names.get(alert.unit or "", alert.unit or "-")),
    ):
        _table(title, found, of)
    ratio = found.after.judging_ns / max(1, found.before.judging_ns)
    for name, why in found.after.disabled.items():
        say.print(f"quy tắc bị tắt / the rule {name} was disabled: {why}", markup=False)
    if found.enough:
        counts = f"{found.per_day_before:.1f} → {found.per_day:.1f} cảnh báo mỗi ngày / alerts a day"
    else:
        counts = (
            f"{found.before.queued} → {found.after.queued} cảnh báo / alerts (chưa đủ một ngày để tính theo ngày "
            "/ less than a day, too little for a figure a day)"
        )
    say.print(
        f"{length(found)}: {counts}; thời gian xét / judging took {found.after.judging_ns / 10**9:.2f} s, {ratio:.2f} x"
    )
    if found.after.left_out:
        say.print(
            f"{found.after.left_out} quy tắc trên số đo, im lặng và danh sách chỉ báo xấu không thử được "
            "/ rules on readings, silence and lists of known evil cannot be rehearsed: only events are archived"
        )


def length(found: Comparison) -> str:
    """How long the events go back that were judged."""
    if found.enough:
        return f"{found.days:.1f} ngày / days"
    hours, minutes = divmod(round(found.days * _DAY_MINUTES), 60)
    return f"{hours} giờ / h {minutes} phút / min"


def _table(title: str, found: Comparison, of: Callable[[Expected], str]) -> None:
    columns = ("before", "after", "added", "removed", "changed")
    table = Table(box=None)
    table.add_column(title, overflow="fold")
    for word in ("nay / now", "mới / new", "+", "-", "~"):
        table.add_column(word, justify="right", no_wrap=True)
    rows = sorted(
        found.by(of).items(), key=lambda row: (-row[1]["added"] - row[1]["removed"], -row[1]["after"], row[0])
    )
    for name, counts in rows[:ROWS]:
        table.add_row(name, *(str(counts[column]) for column in columns))
    if len(rows) > ROWS:
        table.add_row(f"… {len(rows) - ROWS} dòng nữa / more with --json")
    out.print(table)
