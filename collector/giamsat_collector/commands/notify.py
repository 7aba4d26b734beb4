# SPDX-License-Identifier: Apache-2.0
"""`giamsat-collector notify`: who is told of alerts, and whether that works."""

from typing import Annotated

import typer

from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, load, out, request, say
from giamsat_collector.commands.moment import moment

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("show")
def notify_show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Ai được báo, báo gì, còn gì chờ và vì sao. / Who is told what, and what waits. Exit code 3: not all arrives."""
    found = request(config, "notify.show")
    zone = load(config).console.zone
    for one in found:
        if as_json:
            json_lines([one])
            continue
        last = moment(one["last_told"], zone) if one["last_told"] else "-"
        units, what = " ".join(one["units"]) or "mọi đơn vị / every unit", " ".join(one["what"])
        sign = "✗" if one["problem"] or one["unknown_units"] else "✓"
        said = f"đã báo / told {one['told']}   lần cuối / last {last}   chờ / waiting {one['waiting']}"
        out.print(
            f"{sign} {one['name']}  {one['kind']}  P1-P{one['priority']}  {what}  {units}\n    {said}",
            markup=False,
            soft_wrap=True,
        )
        if one["unknown_units"]:
            unknown = " ".join(one["unknown_units"])
            said = f"    không có đơn vị / no such unit: {unknown}; sửa / correct units"
            out.print(said, markup=False, soft_wrap=True)
        if one["problem"]:
            out.print(f"    {one['problem']}", markup=False, soft_wrap=True)
    if not found:
        say.print(
            "Chưa khai báo. / Nobody is told: add a [[notify]] to collector.toml and restart giamsat-collector.",
            markup=False,
            soft_wrap=True,
        )
    if any(one["problem"] or one["unknown_units"] for one in found):
        raise typer.Exit(3)


@app.command("test")
def notify_test(
    name: Annotated[str, typer.Argument(help="Tên trong 'notify show'. / A name in 'notify show'.")],
    config: ConfigOption = None,
) -> None:
    """Gửi thử một thông báo. / Send something that says it is a trial."""
    request(config, "notify.test", name=name)
    say.print(f"{name}: đã nhận / was taken", markup=False)
