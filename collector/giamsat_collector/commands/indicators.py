# SPDX-License-Identifier: Apache-2.0
"""Lists of what is known to be evil, on the command line."""

import base64
import zlib
from pathlib import Path
from typing import Annotated, Any

import typer

from giamsat_collector.commands.asking import (
    ConfigOption,
    DryRun,
    JsonOption,
    content,
    json_lines,
    load,
    out,
    request,
    say,
)
from giamsat_collector.commands.lazy import add_later
from giamsat_collector.commands.moment import moment
from giamsat_collector.errors import CollectorError
from giamsat_collector.indicators.import_plan import CERTAIN, EXPIRES_DAYS, FILE_BYTES, RENEWED_DAYS

app = typer.Typer(no_args_is_help=True, add_completion=False)
add_later(app, {"hunt": "Ai đã dính tới mục xấu. / Who met what is listed, in the events that are kept."})


@app.command("import")
def indicators_import(
    name: Annotated[
        str,
        typer.Argument(
            help="Tên danh sách; danh sách trùng tên bị thay toàn bộ. "
            "/ The list's name; one of that name is replaced as a whole."
        ),
    ],
    file: Annotated[
        Path,
        typer.Argument(
            help="Mỗi dòng một giá trị; CSV (value,type,expiry,…); JSON của MISP hoặc STIX 2.1. "
            "/ One value a line; CSV (value,type,expiry,…); JSON of MISP or STIX 2.1."
        ),
    ],
    source: Annotated[
        str, typer.Option(help="Ai lập; hiện cùng mỗi cảnh báo. / Who made it; shown with each alert.")
    ] = "",
    document: Annotated[str, typer.Option(help="Số công văn gửi kèm. / Number of the letter it came with.")] = "",
    expires_days: Annotated[
        int, typer.Option(help="Số ngày hiệu lực của mục không ghi hạn. / Days an entry counts that does not say so.")
    ] = EXPIRES_DAYS,
    renewed_days: Annotated[
        int,
        typer.Option(
            help="Phải có bản mới sau bấy nhiêu ngày; 0: không cần. / A newer one is due after so many days; 0: never."
        ),
    ] = RENEWED_DAYS,
    confidence: Annotated[
        int,
        typer.Option(
            help="1 đến 100, cho mục không ghi; dưới 50 là chưa chắc. "
            "/ 1 to 100, of entries that do not say; below 50 is unsure."
        ),
    ] = CERTAIN,
    lenient: Annotated[
        bool,
        typer.Option("--lenient", help="Bỏ mục sai, nhận phần còn lại. / Leave out what is wrong, and take the rest."),
    ] = False,
    dry_run: DryRun = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nạp danh sách: tất cả hoặc không gì cả. / Bring a list: all or nothing."""
    said = {"source": source, "document": document, "expires_days": expires_days, "renewed_days": renewed_days}
    packed = base64.b64encode(zlib.compress(content(file, FILE_BYTES), 1)).decode()
    found = request(
        config,
        "indicators.import",
        **{"name": name, "file": packed, "confidence": confidence, "lenient": lenient, "dry_run": dry_run, **said},
    )
    if as_json:
        json_lines([found])
    else:
        _print_change(found)
    if found["problems"]:
        raise CollectorError(
            f"{file}: problems: {len(found['problems'])}; nothing was changed; "
            "mend the lines, or --lenient leaves them out"
        )
    if dry_run:
        say.print("chỉ xem trước, chưa ghi gì / a preview: nothing was changed")
    elif found["added"]:
        say.print(
            f"xem lại quá khứ / look back: giamsat-collector indicators hunt --list {name} --since 30d", soft_wrap=True
        )


@app.command("list")
def indicators_list(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Các danh sách đang dùng: mới hay cũ, đã khớp bao nhiêu. / The lists: how old, how much they have met."""
    found = request(config, "indicators.list")
    for one in found:
        _print(one, config, as_json=as_json)
    if not found:
        say.print(
            "Chưa có danh sách nào. / No list yet: giamsat-collector indicators import NAME FILE --dry-run",
            soft_wrap=True,
        )


@app.command("remove")
def indicators_remove(
    name: Annotated[str, typer.Argument(help="Tên danh sách. / A list's name.")],
    dry_run: DryRun = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bỏ một danh sách. / Take a list away."""
    gone = request(config, "indicators.remove", name=name, dry_run=dry_run)
    _print(gone, config, as_json=as_json)
    say.print(
        "chỉ xem trước, chưa ghi gì / a preview: nothing was changed"
        if dry_run
        else f"đã bỏ {name} / {name} was taken away"
    )


@app.command("check")
def indicators_check(
    values: Annotated[
        list[str],
        typer.Argument(help="Địa chỉ, tên miền, URL, JA4, mã băm, thư. / Addresses, domains, URLs, JA4, hashes, mail."),
    ],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Một giá trị có trong danh sách nào không. / Whether values stand in a list, and in which."""
    found = request(config, "indicators.check", values=values)
    if as_json:
        json_lines(found)
    for one in () if as_json else found:
        out.print(_checked(one), markup=False, soft_wrap=True)


def _print_change(found: dict[str, Any]) -> None:
    for problem in found["problems"]:
        say.print(problem, markup=False, soft_wrap=True)
    for sign, values, count in (("+", found["coming"], found["added"]), ("-", found["going"], found["removed"])):
        for value in values:
            out.print(f"{sign} {value}", markup=False, soft_wrap=True)
        if count > len(values):
            out.print(f"{sign} … {count - len(values)} nữa / more")
    counts = f"+{found['added']} -{found['removed']} ~{found['changed']} ={found['unchanged']}"
    if not found["problems"]:
        out.print(f"{found['name']}: {counts}", markup=False, soft_wrap=True)
    for reason, count in found["left_out"].items():
        say.print(f"để ngoài / left out: {reason}: {count}", markup=False, soft_wrap=True)


def _print(one: dict[str, Any], config: Path | None, *, as_json: bool) -> None:
    if as_json:
        json_lines([one])
        return
    zone = load(config).console.zone
    last = moment(one["last_hit"], zone) if one["last_hit"] else "—"
    old = "  quá hạn làm mới / renewal overdue" if one["overdue"] > 1 else ""
    out.print(
        f"{one['name']:<24} {one['standing']}/{one['entries']} mục / entries  {moment(one['brought'], zone)}  "
        f"khớp / met {one['hits']}  {last}  {one['source'] or '—'}{old}",
        markup=False,
        soft_wrap=True,
    )


def _checked(one: dict[str, Any]) -> str:
    match = one["match"]
    if match is None:
        return f"{one['value']}: không có trong danh sách nào / in no list"
    said = " · ".join(filter(None, (match["source"], match["comment"], *match["other_lists"])))
    return (
        f"{one['value']}: {match['value']}  {match['list']}  tin cậy / confidence {match['confidence']}  "
        f"{match['since'][:10]} → {match['until'][:10]}  {said}"
    )
