# SPDX-License-Identifier: Apache-2.0
"""The certificate authority on the command line: its roots, and exchanging one for the next while everything runs."""

import asyncio
import base64
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

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
from giamsat_collector.commands.moment import moment
from giamsat_collector.enrol.signer import at
from giamsat_collector.errors import RefusedError
from giamsat_wire import durable, emergency
from giamsat_wire.clock import SystemClock

NAMED: Final = 20
"""Hosts printed one by one; --json has all of them."""

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("show")
def authority_show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Chứng thư gốc, và agent nào chưa tin gốc mới. / The roots, and which agents do not trust the new one yet."""
    found = request(config, "authority.show")
    if as_json:
        json_lines([found])
        return
    _print(found, load(config).console.zone)


@app.command("rotate")
def authority_rotate(config: ConfigOption = None, dry_run: DryRun = False) -> None:
    """Tạo gốc mới; gốc cũ vẫn được tin cho đến khi 'retire'. / Make a new root; the old one is trusted until 'retire'.

    Nothing is cut off: servers show the new root with the old one's word for it, agents learn it as they renew.
    """
    found = request(config, "authority.show")
    if found["rotating"]:
        raise RefusedError(
            "a rotation is under way since {made}; next: giamsat-collector authority show",
            made=found["roots"][0]["made"],
        )
    if dry_run:
        say.print(
            f"gốc {found['version']} sẽ được thay bằng gốc {found['version'] + 1}; {found['agents']} agent sẽ biết "
            f"gốc mới khi gia hạn, trong khoảng 8 ngày / root {found['version']} would be replaced by root "
            f"{found['version'] + 1}; {found['agents']} agents would learn it as they renew, within 8 days",
            markup=False,
        )
        return
    _signer(config, "rotate")
    _print(request(config, "authority.follow"), load(config).console.zone)


@app.command("retire")
def authority_retire(
    config: ConfigOption = None,
    dry_run: DryRun = False,
    leave_behind: Annotated[
        bool,
        typer.Option(
            "--leave-behind",
            help="Dù còn agent hoặc mã chỉ biết gốc cũ. / Though some agents or tokens know only the old root.",
        ),
    ] = False,
) -> None:
    """Thôi tin gốc cũ, khi mọi agent đã biết gốc mới. / Trust the old root no longer, once every agent knows the new.

    With --leave-behind, hosts that know only the old root must be enrolled anew.
    """
    found = request(config, "authority.show")
    if not found["rotating"]:
        raise RefusedError(
            "no rotation is under way: there is no old root to retire; next: giamsat-collector authority rotate"
        )
    if (found["missing"] or found["old_tokens"]) and not leave_behind:
        _print(found, load(config).console.zone)
        raise RefusedError(
            "{agents} agents and {tokens} open tokens know only the old root; wait, or retire it with --leave-behind: "
            "those hosts must then be enrolled anew, with new tokens",
            agents=len(found["missing"]),
            tokens=found["old_tokens"],
        )
    if dry_run:
        say.print(
            f"gốc cũ sẽ thôi được tin; {len(found['missing'])} agent phải ghi danh lại / the old root would be "
            f"trusted no longer; {len(found['missing'])} agents would have to be enrolled anew",
            markup=False,
        )
        return
    _signer(config, "retire")
    _print(request(config, "authority.follow"), load(config).console.zone)


@app.command("replace")
def authority_replace(
    config: ConfigOption = None,
    dry_run: DryRun = False,
    leave_behind: Annotated[
        bool, typer.Option("--leave-behind", help="Dù không có khóa khẩn cấp. / Though there are no emergency keys.")
    ] = False,
) -> None:
    """Khóa bị lộ: tạo gốc mới, thôi tin mọi gốc cũ ngay. / Its keys were stolen: a new root, and no other, from now on.

    Every agent is cut off as it connects anew, until the holders of two emergency keys have signed whom to trust now.
    """
    found = request(config, "authority.show")
    if not found["emergency"] and not leave_behind:
        raise RefusedError(
            "there are no emergency keys: all {agents} agents would have to be enrolled anew; set [authority] "
            "emergency_keys if agents have them, or replace it with --leave-behind",
            agents=found["agents"],
        )
    if dry_run:
        say.print(
            f"{found['agents']} agent sẽ không kết nối lại được cho đến khi có bản tuyên bố khẩn cấp / agents could "
            "not connect again before an emergency statement is published: authority statement, then publish",
            markup=False,
        )
        return
    _signer(config, "replace")
    _print(request(config, "authority.follow"), load(config).console.zone)
    say.print("Bước sau / next: giamsat-collector authority statement --out FILE", markup=False)


@app.command("statement")
def authority_statement(
    out_file: Annotated[Path, typer.Option("--out", help="Tệp để ký. / File to have signed.")],
    config: ConfigOption = None,
) -> None:
    """Viết bản tuyên bố khẩn cấp để hai người giữ khóa ký. / Write whom to trust, for two holders of keys to sign.

    Each signs it offline: openssl pkeyutl -sign -rawin -inkey KEY.pem -in FILE -out FILE.N
    """
    found = request(config, "authority.statement")
    try:
        durable.create(out_file, base64.b64decode(found["statement"]))
    except OSError as error:
        raise RefusedError(
            "{file}: {reason}; name a new file in a folder that is there", file=out_file, reason=error.strerror
        ) from error
    say.print(
        f"{out_file}\nKý ngoại tuyến / signed offline: openssl pkeyutl -sign -rawin -inkey KEY.pem -in {out_file.name} "
        f"-out {out_file.name}.1\nBước sau / next: giamsat-collector authority publish {out_file} "
        f"--signature {out_file}.1 --signature {out_file}.2",
        markup=False,
        soft_wrap=True,
    )


@app.command("publish")
def authority_publish(
    file: Annotated[Path, typer.Argument(help="Bản tuyên bố đã ký. / The statement that was signed.")],
    signature: Annotated[list[Path], typer.Option(help="Chữ ký, ít nhất hai. / A signature; at least two.")],
    config: ConfigOption = None,
) -> None:
    """Công bố bản tuyên bố đã ký: agent tự tin gốc mới. / Publish what was signed: agents then trust the new root."""
    data = [base64.b64encode(content(path, emergency.BYTES)).decode() for path in (file, *signature)]
    found = request(config, "authority.publish", statement=data[0], signatures=data[1:])
    say.print(
        f"đã công bố / published, {moment(found['at'], load(config).console.zone)}; "
        "ai đã tin / who trusts it: giamsat-collector authority show",
        markup=False,
    )


def _signer(config: Path | None, command: str) -> None:
    """Have the signer itself do something only root may have done."""
    settings = load(config)
    place = Path(settings.authority.signer or Path(settings.data) / "signer.sock")
    answer = asyncio.run(at(place)({"do": command}))
    if "refused" in answer:
        raise RefusedError("the signer: {said}", said=answer.get("sentence", answer["refused"]))


def _print(found: dict[str, Any], zone: tzinfo) -> None:
    new, *old = found["roots"]
    good = f"{moment(new['made'], zone)} – {moment(new['until'], zone)[:10]}"
    out.print(f"gốc / root {found['version']}: {new['sha256'][:40]}…", markup=False)
    out.print(f"  hiệu lực / good: {good}", markup=False)
    if old:
        out.print(f"gốc cũ còn được tin / old root, still trusted: {old[0]['sha256'][:40]}…", markup=False)
    trusting, agents = found["trusting"], found["agents"]
    out.print(f"{trusting:,} / {agents:,} agent tin gốc này / agents trust this root", markup=False)
    journal = found["journal"]
    broken = f", {journal['broken']} KHÔNG KHỚP / DO NOT FIT" if journal["broken"] else ""
    out.print(
        f"tiến trình ký / signer: {found['signer']}; nhật ký / journal: {journal['lines']:,}{broken}", markup=False
    )
    if not found["rotating"]:
        return
    _print_missing(found["missing"], zone)
    if found["old_tokens"]:
        out.print(f"{found['old_tokens']} mã ghi danh còn hạn chỉ biết gốc cũ / open tokens know only the old root")
    if not found["missing"] and not found["old_tokens"]:
        say.print(
            "Bước sau: chép roots.pem cho Prometheus và trình duyệt, rồi / next: copy roots.pem to Prometheus and "
            "browsers, then: giamsat-collector authority retire",
            markup=False,
            soft_wrap=True,
        )


def _print_missing(missing: list[dict[str, Any]], zone: tzinfo) -> None:
    if not missing:
        return
    table = Table(box=None)
    table.add_column("agent", no_wrap=True, min_width=36)
    for head in ("máy\nhost", "đơn vị\nunit", "chưa nghe\nnot heard", "hết hạn\nexpires"):
        table.add_column(head)
    for row in missing[:NAMED]:
        table.add_row(
            row["id"], row["hostname"], row["unit"], _ago(row["heard"]), moment(row["certificate_expires"], zone)[:10]
        )
    out.print(f"{len(missing)} agent chưa biết gốc mới / agents do not know the new root yet:", markup=False)
    out.print(table)
    if len(missing) > NAMED:
        out.print(f"… và / and {len(missing) - NAMED}: --json", markup=False)


def _ago(heard: str | None) -> str:
    """For how long a host has not been heard."""
    if heard is None:
        return "chưa bao giờ / never"
    minutes = int(SystemClock().wall_ns() / 1e9 - datetime.fromisoformat(heard).timestamp()) // 60
    if minutes < 2 * 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 3 * 24 * 60 else f"{minutes // (24 * 60)} d"
