# SPDX-License-Identifier: Apache-2.0
"""Letters to many units, each with a token: `giamsat-collector enrol issue --units`."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.progress import track

from giamsat_collector.commands.asking import content, load, request, say
from giamsat_collector.control.client import REQUEST_BYTES
from giamsat_collector.errors import CollectorError, RefusedError
from giamsat_collector.registry import sheet
from giamsat_wire import durable

UNIT_COLUMNS: Final = ("code", "unit", "id")
SYSTEM_COLUMN: Final = "system"
PROBLEMS: Final = 10
"""So many of a file are told."""
REGISTRY_COLUMNS: Final = (
    *("name_vi", "name_ascii", "kind", "parent_code", "gso_code", "valid_from", "valid_to", "successor"),
)
"""What 'registry import --units' takes beside the code: its file serves as it is, the registry knows the rest."""


def letters(units: Path, folder: Path, said: dict[str, Any], *, help_: str, config: Path | None) -> None:
    """Ask for a token for each unit of a file, and write the letters that carry them.

    Raises:
        RefusedError: the file names no units, or what letters cannot say; or the letters cannot be written.
    """
    from giamsat_collector.enrol import letter as written  # noqa: PLC0415 - needs what only letters need

    if not help_.isprintable():
        raise RefusedError("--help-address holds what cannot be printed: type it again")
    wanted = _wanted(units)
    systems = {unit: system for unit, system in wanted.items() if system}
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise RefusedError(
            "{folder} exists: letters are never written over others; name a new folder", folder=folder
        ) from error
    except OSError as error:
        raise RefusedError(
            "{folder}: {reason}; name a folder that can be made", folder=folder, reason=error.strerror
        ) from error
    try:
        found = request(config, "enrol.letters", units=list(wanted), systems=systems, **said)
    except CollectorError:
        folder.rmdir()  # it is empty, and would stand in the way of the same command
        raise
    zone = load(config).console.zone
    rows = found["issued"]
    for number, row in enumerate(track(rows, description="Viết thư / writing letters", console=say, transient=True)):
        letter = written.compose(
            unit=(row["unit"], row["name"]),
            token=row["token"],
            address=found["address"],
            uses=found["uses"],
            expires=datetime.fromisoformat(found["expires"]),
            zone=zone,
            fingerprint=found["fingerprint"],
            help_=help_,
        )
        files = {"html": written.html(letter).encode(), "docx": written.word(letter)}
        try:
            for ending, data in files.items():
                durable.create(folder / f"{row['unit']}.{ending}", data)
        except OSError as error:
            for ending in files:
                (folder / f"{row['unit']}.{ending}").unlink(missing_ok=True)
            _withdraw([one["token"] for one in rows[number:]], config)
            raise RefusedError(
                "{folder}: {reason}; {written} letters are written and good, the codes of the other {others}, from "
                "{unit} on, are withdrawn: issue them anew to a folder with room",
                folder=folder,
                reason=error.strerror,
                written=number,
                others=len(rows) - number,
                unit=row["unit"],
            ) from error
    say.print(
        f"{len(found['issued'])} thư / letters: {folder} · hết hạn / expires {found['expires']}\n"
        "Thư chứa mã bí mật: in, gửi, rồi xóa thư mục. / They hold secrets: print them, send them, delete the folder.",
        markup=False,
    )
    if found["waiting"]:
        say.print(
            f"{len(found['waiting'])} đơn vị có hệ thống cấp cao, chờ người quản trị thứ hai / units have systems of a "
            "high level and wait for a second administrator: giamsat-collector enrol waiting",
            markup=False,
            soft_wrap=True,
        )


def _withdraw(tokens: Iterable[str], config: Path | None) -> None:
    """Nobody will ever read these."""
    for token in tokens:
        request(config, "enrol.withdraw", token=token.split(".")[1])


def _wanted(path: Path) -> dict[str, str]:
    """The units of a file, each with the system its hosts belong to; empty where none is said."""
    read = sheet.read(content(path, REQUEST_BYTES), str(path), (), (*UNIT_COLUMNS, SYSTEM_COLUMN, *REGISTRY_COLUMNS))
    if read.problems:
        raise RefusedError("\n".join(problem.in_both() for problem in read.problems[:PROBLEMS]))
    rows = [row for _, row in read.lines]
    column = next((name for name in UNIT_COLUMNS if rows and name in rows[0]), None)
    if column is None:
        raise RefusedError(
            "{path}: no column {names} in its first line, or no unit below it; write them there",
            path=path,
            names=", ".join(UNIT_COLUMNS),
        )
    found: dict[str, str] = {}
    for row in rows:
        unit, system = row[column], row.get(SYSTEM_COLUMN, "")
        if unit and found.setdefault(unit, system) != system:
            raise RefusedError(
                "{path}: {unit} stands there with more than one system, and a letter is for one; put the others into a "
                "file of their own",
                path=path,
                unit=unit,
            )
    return found
