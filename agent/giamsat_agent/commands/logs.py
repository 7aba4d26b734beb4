# SPDX-License-Identifier: Apache-2.0
"""`giamsat-agent logs`: what the parsers make of a file's lines."""

import gzip
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from giamsat_agent.commands.options import JsonOption, say
from giamsat_agent.errors import AgentError
from giamsat_wire.clock import SystemClock
from giamsat_wire.printable import visible

if TYPE_CHECKING:
    from giamsat_agent.parsers.reading import Reading
    from giamsat_agent.parsers.x_forwarded_for import Proxies

app = typer.Typer(no_args_is_help=True, help="Tệp nhật ký. / Log files.")

PROGRESS_LINES: Final = 50_000
"""Lines between two words of progress."""
GZIP: Final = b"\x1f\x8b"
PARTLY: Final = 2


class LogFileError(AgentError):
    """A log file cannot be read."""


class Format(StrEnum):
    """Forms that may be named; "auto" tells them apart line by line."""

    AUTO = "auto"
    CSV = "csv"
    W3C = "w3c"


@app.callback()
def group() -> None:
    """Tệp nhật ký. / Log files."""


@app.command("read")
def read(
    file: Annotated[
        str,
        typer.Argument(
            help="Tệp nhật ký, thường hoặc gzip; '-' đọc đầu vào chuẩn. "
            "/ Log file, plain or gzip; '-' reads standard input."
        ),
    ],
    form: Annotated[
        Format,
        typer.Option("--format", help="csv/w3c: dòng đầu là tên các cột. / csv/w3c: the first line names the columns."),
    ] = Format.AUTO,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            help="Máy chủ ủy quyền được tin khi nêu máy hỏi, địa chỉ hoặc mạng; có thể lặp lại. "
            "/ Reverse proxy that is believed for whom it asks, an address or a network; may be repeated."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """In sự kiện của từng dòng nhật ký. / Print the event of each log line.

    Exit code 0: every line was read; 2: the file could be read only in part.
    """
    from giamsat_agent.parsers.reading import read_lines  # noqa: PLC0415 - the daemon's start needs no parsers

    parsers: Counter[str | None] = Counter()
    failure = ""
    zone = datetime.now(UTC).astimezone().tzinfo or UTC  # noqa: TID251 - the zone of this machine, not its time
    table, proxies = None if form is Format.AUTO else form.value, _proxies(trusted_proxy or ())
    with _opened(file) as stream:
        lines = read_lines(stream, zone=zone, clock=SystemClock(), table=table, proxies=proxies)
        encode = msgspec.json.Encoder().encode
        try:
            for reading in lines:
                parsers[reading.parser] += 1
                sys.stdout.buffer.write(encode(reading) + b"\n" if as_json else _human(reading))
                if reading.line % PROGRESS_LINES == 0 and say.is_terminal:
                    say.print(f"{reading.line} dòng / lines …")
        except (OSError, EOFError, gzip.BadGzipFile) as error:
            failure = f"{file}: chỉ đọc được một phần / only partly read: {error}; kiểm tra tệp / check the file"
    sys.stdout.buffer.flush()
    if not as_json or say.is_terminal:
        unknown = "không rõ định dạng / of no known format"
        told = ", ".join(f"{name or unknown} {count}" for name, count in parsers.most_common())
        say.print(f"{sum(parsers.values())} sự kiện / events: {told}")
    if failure:
        say.print(failure)
        raise typer.Exit(PARTLY)


def _proxies(networks: Iterable[str]) -> "Proxies":
    from giamsat_agent.parsers.x_forwarded_for import Proxies  # noqa: PLC0415 - the daemon's start needs no parsers

    try:
        return Proxies(networks)
    except ValueError as error:
        raise LogFileError(f"--trusted-proxy: địa chỉ hoặc mạng chưa đúng / {error}") from error


def _human(reading: "Reading") -> bytes:
    """`LINE PARSER event.action field=value …`, the line's own text left out; whoever wrote it moves no terminal."""
    shown = visible(" ".join(f"{name}={value}" for name, value in reading.told())).replace("\n", "\\n")
    return f"{reading.line:>6}  {reading.parser or '-':<12} {shown}\n".encode("utf-8", "backslashreplace")


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as raw:
            packed = raw.read(len(GZIP)) == GZIP
            raw.seek(0)
            if packed:
                with gzip.open(raw) as stream:
                    yield stream  # type: ignore[misc] # GzipFile is a binary stream
            else:
                yield raw
    except OSError as error:
        raise LogFileError(
            f"{file}: không đọc được; xin chỉ tệp khác hoặc - / "
            f"cannot be read: {error.strerror or error}; give a readable file or -"
        ) from error
