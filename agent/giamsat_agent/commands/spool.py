# SPDX-License-Identifier: Apache-2.0
"""The spool on the command line: what waits to be sent, and carrying it by hand. The agent may go on running."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from cryptography.hazmat.primitives.asymmetric import ec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from giamsat_agent import next_step, receipts
from giamsat_agent.commands.options import ConfigOption, JsonOption, load, out, say
from giamsat_agent.errors import StateError
from giamsat_agent.privileges import become_owner
from giamsat_agent.spool.files import ReadOnly
from giamsat_agent.spool.inspection import LaneReport, inspect
from giamsat_agent.uplink import identity as identities
from giamsat_agent.uplink import keys
from giamsat_agent.uplink.carrying import Packed, runs
from giamsat_wire import receipt as receipts_of
from giamsat_wire.clock import SystemClock
from giamsat_wire.lane import Lane
from giamsat_wire.parcel import ParcelError, Run, Sealer

KeyOption = Annotated[
    Path | None,
    typer.Option(
        "--key",
        help="Tệp do 'giamsat-collector spool key' ghi, cho agent chưa được bộ thu thập cho biết khóa. "
        "/ File of 'giamsat-collector spool key', for an agent whose collector has not named its key yet.",
    ),
]

app = typer.Typer(no_args_is_help=True, help="Hàng đợi trên đĩa. / The disk queue.")

DAMAGED: Final = 2
"""Exit code: something in the spool is damaged; the rest is sent all the same."""


@app.command("show")
def spool_show(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Còn gì chờ gửi, từ bao giờ, lớn bao nhiêu. / What waits, since when, how big."""
    now_ns = SystemClock().wall_ns()
    table = Table("làn / lane", "đang chờ / waiting", "từ / since", "byte", "tệp / files", box=None)
    for report in _reports(config, "show"):
        if as_json:
            typer.echo(json.dumps(_shape(report, now_ns)))
            continue
        since = "-" if report.oldest_ns is None else _moment(report.oldest_ns)
        table.add_row(
            report.lane.name.lower(), str(report.waiting), since, f"{report.size:,}", str(len(report.segments))
        )
    if not as_json:
        Console(highlight=False).print(table)


@app.command("verify")
def spool_verify(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Kiểm tra từng tệp của hàng đợi. / Check every file. Exit code 2: something is damaged."""
    damaged = 0
    for report in _reports(config, "verify"):
        for one in report.segments:
            state = "ok" if one.damaged_at is None else "damaged"
            if as_json:
                shape = {"lane": report.lane.name.lower(), "file": one.name, "state": state, "frames": one.frames}
                typer.echo(json.dumps({**shape, "first": one.first, "last": one.last, "damaged_at": one.damaged_at}))
            elif one.damaged_at is not None:
                words = f"{report.lane.name.lower()}/{one.name}: hỏng từ byte / damaged from byte {one.damaged_at}"
                out.print(f"{words}; {one.frames} khung còn đọc được / frames can be read")
        damaged += len(report.damaged)
        if not as_json:
            files, bad = len(report.segments), len(report.damaged)
            out.print(f"{report.lane.name.lower()}: {files} tệp / files, {bad} hỏng / damaged")
    raise typer.Exit(DAMAGED if damaged else 0)


@app.command("export")
def spool_export(
    file: Annotated[Path, typer.Argument(help="Ghi ra tệp mới này. / A new file to write to.")],
    key: KeyOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Chép những gì đang chờ ra tệp mã hóa, để mang tay tới bộ thu thập. / Copy what waits to a sealed file to carry.

    Nothing is taken out of the spool: it is kept until the collector's receipt comes back (`spool import`).
    """
    state = Path(load(config).state)
    carrier, bound, identity = _keys(state, key, "export")
    sealer = Sealer(identity.agent_id, SystemClock().wall_ns(), bound=bound, carrier=carrier, ephemeral=keys.fresh())
    found = runs(lambda lane: ReadOnly(state / "spool" / lane.name.lower()))
    try:
        packed = _written(file, sealer, found)
    except FileExistsError as error:
        raise StateError(
            f"{file}: đã có tệp này hoặc tệp {file.name}.part của lần ghi dở, tệp xuất không bao giờ ghi đè; xin đặt "
            "tên khác / it, or the .part of a try that was broken off, exists already: parcels are never written over; "
            "give another name"
        ) from error
    except OSError as error:
        raise StateError(
            f"{error.filename or file}: {error.strerror}; chưa ghi gì, xin chỉ thư mục còn chỗ / "
            "nothing was written: name a folder with room"
        ) from error
    for one in packed:
        if as_json:
            shape = {"lane": one.lane.name.lower(), "frames": one.frames, "bytes": one.bytes}
            typer.echo(json.dumps({**shape, "first": one.first, "last": one.last}))
        else:
            said = f"{one.frames} khung / frames ({one.first}–{one.last}), {one.bytes:,} byte"
            say.print(f"{one.lane.name.lower():<7} {said}")
    if not packed:
        say.print("không có gì chờ gửi, không ghi tệp / nothing waits, no file was written")
        return
    say.print(
        f"Bước sau, trên máy thu thập / next, at the collector: giamsat-collector spool import {file.name}",
    )


@app.command("import")
def spool_import(
    receipt: Annotated[
        Path, typer.Argument(help="Biên nhận của bộ thu thập, đuôi .receipt. / The collector's receipt.")
    ],
    key: KeyOption = None,
    config: ConfigOption = None,
) -> None:
    """Nhận biên nhận: quên những gì bộ thu thập đã lưu. / Take a receipt: forget what the collector holds."""
    state = Path(load(config).state)
    carrier, _, identity = _keys(state, key, "import")
    try:
        with receipt.open("rb") as file:
            held = receipts_of.read(file, identity.agent_id, carrier)
    except OSError as error:
        raise StateError(
            f"{receipt}: không đọc được; xin chỉ biên nhận mang từ máy thu thập về / "
            f"cannot be read: {error.strerror}; name the receipt that came back from the collector"
        ) from error
    except ParcelError as error:
        raise StateError(
            f"{receipt}: biên nhận không dùng được, chưa quên gì / {error}; nothing was forgotten"
        ) from error
    become_owner(state)
    told = [receipts.Told(lane=one.lane, epoch=one.epoch, seq=one.seq) for one in held]
    receipts.leave(state, told, f"{SystemClock().wall_ns():020}")
    for one in held:
        say.print(f"{one.lane.name.lower():<7} tới số / up to {one.seq}")
    say.print(
        "Agent sẽ quên trong vài giây, hoặc khi khởi động. / The agent forgets it within seconds, or when it starts.",
    )


def _keys(
    state: Path, key: Path | None, command: str
) -> tuple[ec.EllipticCurvePublicKey, ec.EllipticCurvePrivateKey, identities.Identity]:
    """Whom parcels are sealed for, with what they are signed, and who this is."""
    try:
        identity = identities.load(state / "identity")
    except PermissionError as error:
        raise StateError(next_step.looking(state, f"spool {command}")) from error
    try:
        chain = key.read_bytes() if key else identity.carrier
    except OSError as error:
        raise StateError(
            f"{key}: không đọc được; tệp này lập ở máy thu thập bằng lệnh sau / "
            f"cannot be read: {error.strerror}; at the collector it is made by: giamsat-collector spool key FILE"
        ) from error
    if not chain:
        raise StateError(
            "agent chưa biết niêm phong cho ai; ở máy thu thập chạy lệnh sau, rồi ở đây thêm --key TỆP / "
            "this agent has not been told whom to seal for yet; at the collector: giamsat-collector spool key FILE, "
            "then here: --key FILE"
        )
    bound = keys.load(identities.bound_key(state / "identity"), str(state / "identity"))
    return keys.carrier(chain, identity.roots), bound, identity


def _written(path: Path, sealer: Sealer, found: Iterator[Run]) -> list[Packed]:
    """Write a parcel, whole or not at all; what is in it. Without anything to send no file is written."""
    fresh = path.with_name(f"{path.name}.part")
    if path.exists() or fresh.exists():
        raise FileExistsError
    packed: dict[Lane, Packed] = {}
    try:
        with fresh.open("xb") as file, Progress(console=say, transient=True) as progress:
            shown = progress.add_task("Đang ghi / writing", total=None)
            file.write(sealer.opening)
            for run in found:
                file.write(sealer.piece(run, last=False))
                packed[run.lane] = packed.get(run.lane, Packed(run.lane)).and_run(run)
                progress.advance(shown)
            file.write(sealer.piece(None, last=True))
            file.flush()
            os.fsync(file.fileno())
        if packed:
            fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)
    return list(packed.values())


def _reports(config: Path | None, command: str) -> list[LaneReport]:
    state = Path(load(config).state)
    try:
        return [inspect(ReadOnly(state / "spool" / lane.name.lower()), lane) for lane in Lane]
    except PermissionError as error:
        raise StateError(next_step.looking(state, f"spool {command}")) from error
    except FileNotFoundError as error:
        raise StateError(
            f"{state / 'spool'}: chưa có gì, agent chưa từng chạy với thư mục này; cấu hình khác thì ghi sau --config, "
            f"bước sau / nothing yet, no agent has run with this folder; another configuration stands after --config, "
            f"next: {next_step.starting() if (state / 'identity').exists() else next_step.enrolling()}"
        ) from error
    except OSError as error:
        raise StateError(
            f"{state / 'spool'}: không đọc được; ghi tệp cấu hình của agent sau --config / "
            f"{error.strerror}; give the agent's file with --config"
        ) from error


def _moment(at_ns: int) -> str:
    """Local time, with UTC beside it."""
    at = datetime.fromtimestamp(at_ns / 1e9, UTC)
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S} ({at:%H:%M:%SZ})"


def _shape(report: LaneReport, now_ns: int) -> dict[str, object]:
    oldest_s = None if report.oldest_ns is None else round((now_ns - report.oldest_ns) / 1e9, 3)
    return {
        "lane": report.lane.name.lower(),
        "waiting": report.waiting,
        "oldest_s": oldest_s,
        "bytes": report.size,
        "acked": report.acked,
        "files": len(report.segments),
        "damaged": len(report.damaged),
    }
