# SPDX-License-Identifier: Apache-2.0
"""What commands are given: rules, a level pack, a level, and files of events. Problems end a command in one message."""

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from giamsat_rules.errors import RulesError
from giamsat_rules.evaluate import LineError, read_line
from giamsat_rules.level import LevelPack
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.rule import RuleSet
from giamsat_rules.verdict import Occurrence

LINE_BYTES: Final = 1 << 20
"""The longest line of events that is read."""
FOUND, PARTLY = 1, 2
"""Exit codes: something was found or cannot be used; what was given was read only in part."""

Rules = Annotated[
    Path | None,
    typer.Option(
        "--rules",
        help="Tệp hoặc thư mục quy tắc; mặc định là bộ kèm theo. / A rule file or folder; if not given, the shipped.",
    ),
]


def _named(pack: Path | None) -> Path | None:
    """A shipped pack may be called by its name alone."""
    return next((folder for folder in shipped().packs if pack is not None and str(pack) == folder.name), pack)


Pack = Annotated[
    Path | None,
    typer.Option(
        "--pack",
        callback=_named,
        help="Thư mục hoặc tên gói cấp độ; mặc định là gói kèm theo. / "
        "A level pack's folder, or the name of a shipped one; the shipped default if not given.",
    ),
]
Overrides = Annotated[
    Path | None,
    typer.Option(
        "--overrides",
        help="Tệp hoặc thư mục ngoại lệ theo đơn vị, hệ thống, tài sản. / "
        "A file or folder of overrides by unit, system and asset.",
    ),
]
Level = Annotated[
    int | None,
    typer.Option(
        "--level",
        min=1,
        max=5,
        help="Cấp độ an toàn; bỏ trống là chưa phân loại. / Protection level; unclassified if not given.",
    ),
]
Events = Annotated[
    str,
    typer.Option(
        "--events",
        help="Tệp mỗi dòng một sự kiện JSON, hoặc - để đọc từ đầu vào chuẩn. / "
        "A file with one JSON event a line, or - for standard input.",
    ),
]


def opened(rules: Path | None, pack: Path | None) -> tuple[RuleSet, LevelPack]:
    """The rules and the pack; ends the command when one cannot be used at all."""
    try:
        return load_rules(rules or shipped().detections), load_pack(pack or shipped().pack)
    except RulesError as error:
        give_up(error)


def give_up(error: RulesError) -> NoReturn:
    """End the command with one message."""
    typer.echo(f"giamsat-rules: {error}", err=True)
    raise typer.Exit(FOUND) from error


def occurrences(events: str, level: int | None, complaints: list[str]) -> Iterator[Occurrence]:
    """The events of a file, in its order; `complaints` gets what could not be read, with its line."""
    before_ns = 0
    for number, line in enumerate(_lines(events), start=1):
        if not line.strip():
            continue
        if len(line) > LINE_BYTES:
            complaints.append(f"{events}:{number}: longer than {LINE_BYTES} bytes; the line was left out")
            continue
        try:
            occurrence = read_line(line.decode(), number, level=level, before_ns=before_ns)
        except (LineError, UnicodeDecodeError) as error:
            complaints.append(f"{events}:{number}: {error}; the line was left out")
            continue
        before_ns = occurrence.at_ns
        yield occurrence


def _lines(events: str) -> Iterator[bytes]:
    with nullcontext(sys.stdin.buffer) if events == "-" else Path(events).open("rb") as stream:
        while line := stream.readline(LINE_BYTES + 1):
            rest = line
            while len(rest) > LINE_BYTES and not rest.endswith(b"\n"):
                rest = stream.readline(LINE_BYTES + 1)
            yield line
