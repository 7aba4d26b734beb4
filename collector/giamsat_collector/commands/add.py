# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector suppress add`: shown what it would have hidden before it hides anything."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from giamsat_collector.commands.asking import ConfigOption, DryRun, JsonOption, json_lines, load, out, request, say
from giamsat_collector.commands.moment import Since, Until, span
from giamsat_collector.commands.offering import in_force
from giamsat_collector.commands.registered import Registered, registered_assets
from giamsat_collector.commands.replay import ROWS, compared
from giamsat_collector.commands.suppress import STATES, scope, when
from giamsat_collector.errors import RefusedError
from giamsat_collector.rehearsal.comparison import Comparison
from giamsat_collector.rehearsal.rehearse import Rehearsal
from giamsat_collector.suppressing.record import compiled, of_json
from giamsat_rules.errors import RulesError
from giamsat_rules.library import open_library
from giamsat_rules.suppression import Hidden, Suppressions
from giamsat_wire.clock import SystemClock

app = typer.Typer(add_completion=False)

_EVER_NS: Final = 1 << 62


@app.command()
def add(
    reason: Annotated[str, typer.Option(help="Vì sao. / Why.")],
    document: Annotated[str, typer.Option(help="Số văn bản hoặc phiếu. / Number of the document or ticket.")],
    expires: Annotated[str, typer.Option(help="8h, 30d, 2027-01-31; tối đa / at most 90 days.")],
    rule: Annotated[list[str] | None, typer.Option(help="Quy tắc; bỏ trống: mọi quy tắc. / Only these rules.")] = None,
    unit: Annotated[str, typer.Option(help="Chỉ đơn vị này. / Only this unit.")] = "",
    system: Annotated[str, typer.Option(help="Chỉ hệ thống này. / Only hosts that this system gives a level.")] = "",
    asset: Annotated[str, typer.Option(help="Chỉ máy này. / Only this asset.")] = "",
    field: Annotated[
        list[str] | None,
        typer.Option(
            help="Trường phải khớp: source.ip=192.0.2.7, source.ip=192.0.2.0/28, user.name=backup … "
            "/ Fields that must match."
        ),
    ] = None,
    starts: Annotated[str, typer.Option(help="2027-01-31T18:00+07:00; bỏ trống: ngay. / Empty: now.")] = "",
    since: Since = "7d",
    until: Until = "",
    dry_run: DryRun = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ẩn có thời hạn, sau khi xem trước. / Hide for a while, after showing what that would have hidden."""
    said = {
        "rules": rule or [],
        "fields": dict(_field(each) for each in field or ()),
        "reason": reason,
        "document": document,
        "expires": expires,
        "unit": unit,
        "system": system,
        "asset": asset,
        "starts": starts,
    }
    record = request(config, "suppress.check", **said)
    say.print(f"ẩn / to hide: {scope(record)}", markup=False, soft_wrap=True)
    found, hidden = _previewed(record, since, until, config)
    since_ns, _ = span(since, until, load(config).console.zone)
    others = request(config, "suppress.preview", since_ns=since_ns, **said)
    if as_json:
        json_lines({"rule": name, "unit": its, "hidden": count} for (_, name, its), count in sorted(hidden.items()))
        json_lines(others)
    else:
        _print_preview(found, hidden, config)
        _print_others(others, found.after.left_out, config)
    if dry_run:
        say.print("chỉ xem trước, chưa ẩn gì / a preview: nothing is hidden")
        return
    kept = request(config, "suppress.add", **said)
    if as_json:
        json_lines([kept])
    say.print(f"số / number {kept['number']}: {STATES[kept['state']]}, đến / until {when(kept['until_ns'], config)}")
    _print_next(kept)


def _field(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise RefusedError("--field {said!r} is not NAME=VALUE; write --field source.ip=192.0.2.7", said=said)
    return name.strip(), value.strip()


def _previewed(
    record: Mapping[str, Any], since: str, until: str, config: Path | None
) -> tuple[Comparison, Counter[Hidden]]:
    """The archived events of a span without and with it, and what it would have hidden, as if all had agreed."""
    said, clock = request(config, "rules.show"), SystemClock()
    places = Registered(registered_assets(config))
    whole = replace(of_json(record), since_ns=0, until_ns=_EVER_NS, agreed_ns=0)
    hiding = Suppressions((compiled(whole),))
    try:
        library = open_library(in_force(said), load(config).console.zone)
    except RulesError as error:
        raise RefusedError(str(error)) from error
    ours, theirs = (
        Rehearsal(library.rules, library.standards, places, clock, each) for each in (Suppressions(), hiding)
    )
    found = compared(ours, theirs, since=since, until=until, config=config)
    return found, hiding.taken()


def _print_preview(found: Comparison, hidden: Counter[Hidden], config: Path | None) -> None:
    names = Registered(registered_assets(config)).unit_names()
    table = Table(box=None)
    for title in ("quy tắc / rule", "đơn vị / unit"):
        table.add_column(title, overflow="fold")
    table.add_column("sẽ ẩn / would hide", justify="right", no_wrap=True)
    rows = hidden.most_common()
    for (_, rule, unit), count in rows[:ROWS]:
        table.add_row(rule, names.get(unit, unit or "-"), str(count))
    if rows:
        out.print(table)
    if len(rows) > ROWS:
        say.print(f"… {len(rows) - ROWS} dòng nữa / more with --json")
    gone = sum(difference.change == "removed" for difference in found.differences())
    say.print(
        f"trong / in {found.days:.1f} ngày / days: ẩn / hides {sum(hidden.values())} sự kiện / events, "
        f"bớt / takes away {gone} cảnh báo / alerts of {len(found.before.alerts)}"
    )
    if not found.days:
        say.print("chưa lưu gì trong khoảng này / the archive holds nothing of that span; see 'archive show'")


def _print_others(others: list[dict[str, Any]], rules: int, config: Path | None) -> None:
    """Of rules on readings and silence, which are not archived: the alerts there were."""
    if not rules:
        return
    names = Registered(registered_assets(config)).unit_names()
    for one in others[:ROWS]:
        where = names.get(one["unit"], one["unit"] or "-")
        out.print(f"{one['rule']}  {where}  {one['alerts']} cảnh báo / alerts", markup=False, soft_wrap=True)
    if len(others) > ROWS:
        say.print(f"… {len(others) - ROWS} dòng nữa / more with --json")
    say.print(
        f"{rules} quy tắc trên số đo và im lặng / rules on readings and silence: "
        f"bớt / takes away {sum(one['alerts'] for one in others)} cảnh báo đã có / alerts that were raised since then"
    )


def _print_next(kept: Mapping[str, Any]) -> None:
    if kept["agreed_from_level"] is not None:
        level = kept["agreed_from_level"]
        say.print(
            f"Từ cấp {level} trở lên, và về chính bộ thu thập, chưa ẩn gì cho tới khi người thứ hai chạy / From level "
            f"{level} on, and about the collector itself, nothing is hidden until a second person runs: "
            f"giamsat-collector suppress agree {kept['number']}"
        )
