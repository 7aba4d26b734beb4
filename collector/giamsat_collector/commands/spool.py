# SPDX-License-Identifier: Apache-2.0
"""Frames of hosts that may not connect, carried by hand: `giamsat-agent spool export` made the file."""

import base64
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import typer
from rich.progress import Progress

from giamsat_collector.commands.asking import ConfigOption, JsonOption, json_lines, out, request, say
from giamsat_collector.errors import RefusedError
from giamsat_wire import durable, parcel
from giamsat_wire.parcel import Head, ParcelError

app = typer.Typer(no_args_is_help=True, add_completion=False)

PARTLY: Final = 2
"""Exit code: some frames belong to an epoch that is over and were not taken in."""
COUNTED: Final = ("new", "held", "missing", "over")
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chỉ kiểm tra. / Only check the file; store nothing.")]


@app.command("key")
def spool_key(
    file: Annotated[Path, typer.Argument(help="Ghi khóa công khai ra tệp này. / Where the public key is written to.")],
    config: ConfigOption = None,
) -> None:
    """Ghi khóa công khai cho `giamsat-agent spool export --key`. / Write whom agents seal for; it is no secret."""
    text = request(config, "spool.key")
    try:
        with file.open("x") as opened:
            opened.write(text)
    except OSError as error:
        raise RefusedError(f"{file}: cannot be written: {error.strerror}; give another name") from error
    say.print("Bước sau, trên máy trạm / next, on the host: giamsat-agent spool export FILE --key " + file.name)


@app.command("import")
def spool_import(
    file: Annotated[
        Path, typer.Argument(help="Tệp do 'giamsat-agent spool export' ghi. / What 'giamsat-agent spool export' wrote.")
    ],
    receipt: Annotated[
        Path | None, typer.Option(help="Tệp biên nhận; mặc định FILE.receipt. / Where the receipt is written.")
    ] = None,
    without_earlier: Annotated[
        bool,
        typer.Option(
            "--without-earlier",
            help="Phần lẽ ra đến trong tệp trước được khai là đã mất. "
            "/ What an earlier file should have brought is declared as lost.",
        ),
    ] = False,
    dry_run: DryRun = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Nhận dữ liệu mang tay: mỗi khung đúng một lần. / Take in a carried file: each frame exactly once, however often.

    All of it is checked before anything is stored. The receipt goes back to the agent, which may then forget.
    """
    try:
        with file.open("rb") as opened:
            head = parcel.begun(opened)
            begin = opened.tell()
            words = {"head": _text(head.encoded), "signature": _text(head.signature)}
            who = request(config, "spool.sender", **words)
            say.print(
                f"{who['hostname']} · {who['agent']} · đơn vị / unit {who['unit']}\n"
                f"đóng gói lúc / sealed {who['sealed']}",
                markup=False,
            )
            asked = {**words, "without_earlier": without_earlier}
            counts = _sent(opened, config, {**asked, "dry_run": True}, "Kiểm tra / checking")
            if not dry_run:
                opened.seek(begin)
                counts = _sent(opened, config, {**asked, "dry_run": False}, "Lưu / storing")
    except OSError as error:
        raise RefusedError(f"{file}: cannot be read: {error.strerror}; copy it to a disk that can be read") from error
    except ParcelError as error:
        raise RefusedError(f"{file}: {error}; nothing of it was stored") from error
    _print(counts, head, as_json=as_json)
    if dry_run:
        say.print("chỉ kiểm tra, chưa lưu gì / only checked: nothing was stored")
    else:
        _acknowledge(receipt or file.with_name(f"{file.name}.receipt"), words, config)
    raise typer.Exit(PARTLY if any(count["over"] for count in counts.values()) else 0)


def _sent(file: BinaryIO, config: Path | None, words: dict[str, Any], what: str) -> dict[str, Counter[str]]:
    """Give the running collector one piece after the other; by lane, what became of their frames."""
    counts: dict[str, Counter[str]] = {}
    with Progress(console=say, transient=True) as progress:
        shown = progress.add_task(what, total=None)
        for number, (sealed, last) in enumerate(parcel.pieces(file)):
            took = request(config, "spool.piece", **words, number=number, sealed=_text(sealed), last=last)
            if took["lane"] is not None:
                counts.setdefault(took["lane"], Counter()).update({key: took[key] for key in COUNTED})
            progress.advance(shown)
    return counts


def _print(counts: dict[str, Counter[str]], head: Head, *, as_json: bool) -> None:
    for lane, count in counts.items():
        if as_json:
            json_lines([{"agent": head.agent_id, "lane": lane, **{key: count[key] for key in COUNTED}}])
            continue
        words = f"{count['new']} khung mới / new, {count['held']} đã có / held already"
        if count["missing"]:
            words += f", {count['missing']} mất, đã ghi nhận / declared lost"
        if count["over"]:
            words += f", {count['over']} của kỳ đã qua, không nhận / of an epoch that is over, not taken"
        out.print(f"{lane:<7} {words}", markup=False)
    if not counts and not as_json:
        say.print("tệp không có khung nào / the file holds no frame")


def _acknowledge(path: Path, words: dict[str, str], config: Path | None) -> None:
    data = base64.b64decode(request(config, "spool.receipt", **words))
    try:
        durable.replace(path, data)
    except OSError as error:
        raise RefusedError(
            f"the frames are stored, but {path} cannot be written: {error.strerror}; import again with --receipt"
        ) from error
    say.print(
        f"Biên nhận / receipt: {path}\nMang về / carry it back: giamsat-agent spool import {path.name}", markup=False
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
