# SPDX-License-Identifier: Apache-2.0
"""Backups on the command line. They read and write the folders themselves: a collector may run while one is taken."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import starmap
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table

from giamsat_collector import data_folder
from giamsat_collector.backup import restoring, snapshot, swapping, taking, undone
from giamsat_collector.backup.snapshot import Snapshot
from giamsat_collector.backup.standing import taken_at_rest
from giamsat_collector.commands.asking import (
    ConfigOption,
    JsonOption,
    folded,
    json_lines,
    load,
    out,
    request,
    say,
    whole,
)
from giamsat_collector.commands.moment import minute
from giamsat_collector.control.client import NotRunningError
from giamsat_collector.errors import RefusedError, StartError
from giamsat_wire.clock import SECOND_NS, SystemClock

app = typer.Typer(no_args_is_help=True, add_completion=False)

DAMAGED: Final = 2
"""Exit code: something in a backup is not what was written."""

Folder = Annotated[Path, typer.Argument(help="Thư mục chứa các bản sao lưu. / The folder of backups.")]
OneFolder = Annotated[Path, typer.Argument(help="Một bản, hoặc thư mục: bản mới nhất. / One, or the newest in it.")]
SignerOption = Annotated[
    Path | None,
    typer.Option(help="Cả khóa của cơ quan chứng thực. / With the authority's keys: /var/lib/giamsat-signer."),
]


@contextmanager
def _owner_only() -> Iterator[None]:
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@app.command("make")
@_owner_only()
def backup_make(
    folder: Folder,
    signer: SignerOption = None,
    keep: Annotated[int, typer.Option(min=1, help="Giữ bao nhiêu bản mới nhất. / How many stay.")] = 14,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sao lưu, kể cả khi bộ thu thập đang chạy. / Take a backup, also while the collector runs."""
    data, now = Path(load(config).data), _now()
    if swapping.begun(data) is not None:
        raise swapping.unfinished(data)
    with _progress("sao lưu / backing up", None) as told:
        taken = taking.take(taking.Wanted(data, signer), folder, at=now, version=version("giamsat-collector"), say=told)
    _tell(config, data, now)
    gone = taking.thin_out(folder, keep, folder / taken.name)
    if as_json:
        json_lines([{**_row(folder / taken.name, taken), "deleted": [path.name for path in gone]}])
        return
    out.print(f"{folder / taken.name}: {len(taken.pieces)} tệp / files, {_mb(taken.size)}", soft_wrap=True)
    for path in gone:
        say.print(f"đã xóa bản cũ / deleted: {path}", soft_wrap=True)
    if not taken.has_keys:
        say.print(
            "Khóa của cơ quan chứng thực KHÔNG nằm trong đó; giữ một bản riêng, ngoại tuyến. /\n"
            "The authority's keys are NOT in it; keep a copy of its own offline: --signer /var/lib/giamsat-signer",
            soft_wrap=True,
        )
    if folder.stat().st_dev == data.stat().st_dev:
        say.print(
            f"{folder} nằm cùng ổ đĩa với dữ liệu: hỏng ổ là mất cả hai; hãy sao lưu sang ổ khác, và xem ổ đó đã được "
            f"gắn chưa. /\n{folder} lies on the disk of the data: should it break, both are gone; take backups to "
            "another disk, and look whether it is mounted.",
            soft_wrap=True,
        )
    if (folder / taken.name / snapshot.MANIFEST).stat().st_mode & 0o077:
        say.print(
            "Ổ đĩa này không giữ quyền truy cập (như FAT): ai cầm ổ là đọc được mọi thứ trong bản sao lưu; hãy cất ổ "
            "vào nơi có khóa. /\nThis disk keeps no permissions (such as FAT): whoever holds it reads all that is in "
            "the backup; keep it locked away.",
            soft_wrap=True,
        )
    say.print(f"Kiểm tra / to look it through: giamsat-collector backup verify {folder}", soft_wrap=True)


@app.command("list")
def backup_list(folder: Folder, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Các bản đang có. / The backups there are."""
    found = list(snapshot.every(folder))
    if as_json:
        json_lines(starmap(_row, found))
        return
    if not found:
        say.print(f"Chưa có bản nào. / None yet: giamsat-collector backup make {folder}", soft_wrap=True)
        return
    heads = ("tệp / files", "dung lượng / size", "khóa / keys")
    table = Table(folded("lúc / taken"), whole("tên / name"), *map(folded, heads), box=None)
    zone = load(config).console.zone
    for path, taken in found:
        keys = "có / yes" if taken.has_keys else "không / no"
        table.add_row(minute(taken.taken.isoformat(), zone), path.name, str(len(taken.pieces)), _mb(taken.size), keys)
    out.print(table)


@app.command("verify")
def backup_verify(folder: OneFolder, as_json: JsonOption = False) -> None:
    """Đọc lại từng tệp và cơ sở dữ liệu. / Read every file again. Exit code 2: something is damaged."""
    path, taken = snapshot.chosen(folder)
    problems = _looked_through(path, taken)
    if as_json:
        json_lines([{**_row(path, taken), "damaged": problems}])
    for problem in problems if not as_json else ():
        out.print(problem, soft_wrap=True)
    if problems:
        raise typer.Exit(DAMAGED)
    if not as_json:
        say.print(f"{path}: nguyên vẹn / is whole", soft_wrap=True)


@app.command("restore")
@_owner_only()
def backup_restore(
    folder: OneFolder,
    signer: SignerOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Chỉ kiểm tra và nói sẽ làm gì. / Only look, and say what would be done.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Khôi phục; bộ thu thập phải đang dừng. / Put a backup back; the collector has to be stopped.

    What is there now is moved aside, not deleted. Agents send again what they still hold.
    """
    data, (path, taken) = Path(load(config).data), snapshot.chosen(folder)
    places, left = restoring.parts(taken, data, signer), swapping.begun(data)
    if left is not None and not dry_run:
        _finish(left)
        if (left.backup, set(left.folders)) == (taken.name, {place.folder.absolute() for place in places}):
            return
    with data_folder.alone(data):
        problems = _looked_through(path, taken)
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise RefusedError(f"{problems[0]}{more}; nothing was touched: take an older backup, or copy it again")
        said = ", ".join(f"{place.part} → {place.folder}" for place in places)
        if signer is None:
            _keys_stay_out(taken)
        if dry_run:
            say.print(f"{path}: nguyên vẹn / is whole; {said}. Chưa làm gì / nothing was done", soft_wrap=True)
            return
        with _progress("khôi phục / restoring", taken) as told:
            aside = restoring.put_back(path, taken, places, at=_now(), say=told)
    _what_is_next(taken.name, data, aside)


@app.command("finish")
def backup_finish(config: ConfigOption = None) -> None:
    """Làm nốt lần khôi phục bị ngắt giữa chừng. / Finish a restore that a power cut or a kill interrupted."""
    data = Path(load(config).data)
    left = swapping.begun(data)
    if left is None:
        say.print("Không có việc dở dang. / Nothing is unfinished.")
        if swapping.ready(data).exists():
            say.print(
                "Một lần khôi phục đã bị ngắt khi còn đang chép, chưa thay đổi gì: hãy chạy lại. /\n"
                "A restore was interrupted while it copied and changed nothing: run it again.",
                soft_wrap=True,
            )
        return
    _finish(left)


def _finish(left: swapping.Swap) -> None:
    try:
        aside = swapping.finish(left)
    except OSError as error:
        raise StartError(f"{error.filename}: {error.strerror}; run as root") from error
    say.print("Lần khôi phục bị ngắt đã được làm nốt. / The restore that was interrupted is finished.")
    _what_is_next(left.backup, left.folders[0], aside)


def _what_is_next(backup: str, data: Path, aside: Sequence[Path]) -> None:
    say.print(f"{backup} → {data}", soft_wrap=True)
    for one in aside:
        say.print(f"cái cũ nằm ở / what was there is in: {one}", soft_wrap=True)
    say.print(
        f"Mọi thay đổi sau {backup} (UTC) đã mất: máy bị thu hồi từ đó lại kết nối được, "
        "tài khoản và mã ghi danh trở lại như lúc ấy. /\nWhatever was changed after that is lost: hosts that were "
        "revoked since may connect again, accounts and enrolment codes are as they were then.",
        soft_wrap=True,
    )
    for agent in undone.let_in_again(aside[0], data) if aside else ():
        say.print(
            f"đã bị thu hồi hoặc khóa sau đó, nay lại được phép / was revoked or locked since, and may connect again: "
            f"giamsat-collector enrol revoke {agent} --why WHY",
            soft_wrap=True,
        )
    say.print(
        "Bước sau / next: systemctl restart giamsat-signer giamsat-collector && giamsat-collector status",
        soft_wrap=True,
    )


def _keys_stay_out(taken: Snapshot) -> None:
    """A collector without them makes keys of its own when it starts, and no agent believes it."""
    held = "có trong bản này / are in this backup" if taken.has_keys else "không có trong bản này / are not in this one"
    say.print(
        f"Khóa của cơ quan chứng thực không được khôi phục / the authority's keys are not put back; {held}. Máy này "
        "chưa có khóa thì trước khi khởi động hãy khôi phục từ bản có khóa, thêm --signer /var/lib/giamsat-signer, nếu "
        "không mọi agent phải ghi danh lại. /\nOn a host that does not have them, restore a backup that does before "
        "anything starts, with --signer /var/lib/giamsat-signer; else every agent must enrol anew.",
        soft_wrap=True,
    )


def _tell(config: Path | None, data: Path, now: datetime) -> None:
    """Have the collector know of a backup, the one that runs or the one that is started next."""
    try:
        request(config, "backup.taken")
    except NotRunningError:
        with suppress(OSError):
            taken_at_rest(data, int(now.timestamp()) * SECOND_NS)


def _looked_through(path: Path, taken: Snapshot) -> list[str]:
    with _progress("kiểm tra / looking through", taken) as told:
        return list(restoring.damaged(path, taken, told))


@contextmanager
def _progress(what: str, taken: Snapshot | None) -> Iterator[taking.Say]:
    """A bar of bytes on a terminal; its length is not known before a backup is taken."""
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn()
    with Progress(*columns, console=say, transient=True, disable=not say.is_terminal) as progress:
        task = progress.add_task(what, total=taken.size if taken else None)
        yield lambda _, size: progress.advance(task, size)


def _row(path: Path, taken: Snapshot) -> dict[str, Any]:
    return {
        "name": path.name,
        "taken": taken.taken.astimezone(UTC).isoformat(),
        "version": taken.version,
        "files": len(taken.pieces),
        "bytes": taken.size,
        "keys": taken.has_keys,
    }


def _now() -> datetime:
    return datetime.fromtimestamp(SystemClock().wall_ns() / SECOND_NS, UTC)


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
