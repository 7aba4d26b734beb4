# SPDX-License-Identifier: Apache-2.0
"""What every command shares: finding the configuration, asking the running collector, printing."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Column
from rich.text import Text

from giamsat_collector.config import Config
from giamsat_collector.console.views.words import visible
from giamsat_collector.control.client import ask
from giamsat_collector.errors import RefusedError

DEFAULT: Final = Path("/etc/giamsat/collector.toml")
ENDLESS: Final = 1_000
"""Columns where there is no terminal."""


class Terminal(Console):
    """Prints texts as they are, cells of tables too: what stands in them is no markup, and moves no terminal.

    What is printed into a file or to another program has no edge to be cut off at.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)
        if not self.is_terminal and not os.environ.get("COLUMNS"):
            self.width = ENDLESS

    def render_str(self, text: str, **words: Any) -> Text:  # noqa: ANN401 - what rich passes on
        """Every text that is printed comes through here."""
        return super().render_str(visible(text), **words)


out = Terminal()
say = Terminal(stderr=True)

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help=f"Tệp TOML; bỏ trống: {DEFAULT} nếu có. / TOML file; without it {DEFAULT} if it is there.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Mỗi dòng một JSON. / JSON, one object a line.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Chỉ xem trước, không đổi gì. / Show what would change; change nothing.")
]
OneSystem = Annotated[str, typer.Option(help="Chỉ hệ thống này. / Only this system.")]
OfUnit = Annotated[
    str,
    typer.Option(
        help="Chỉ hệ thống của đơn vị này và các đơn vị trực thuộc. "
        "/ Only systems of this unit, or of the units below it."
    ),
]
OfLevel = Annotated[int, typer.Option(min=0, max=5, help="Chỉ hệ thống ở cấp độ này. / Only systems of this level.")]
NoteOption = Annotated[str, typer.Option(help="Vì sao; lưu trong lịch sử. / Why; kept in the history.")]


def whole(head: str) -> Column:
    """A column of a table whose cells are given to another command: never shortened, however narrow the terminal."""
    return Column(head, no_wrap=True)


def folded(head: str) -> Column:
    """A column of a table whose cells go on in the next line where there is no room."""
    return Column(head, overflow="fold")


def path_of(config: Path | None) -> Path | None:
    """The configuration file to read: the one named, else the default if it is there."""
    return config or (DEFAULT if DEFAULT.exists() else None)


def load(config: Path | None) -> Config:
    """The configuration in force."""
    path = path_of(config)
    return Config.load(path) if path else Config()


def request(config: Path | None, command: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Have the running collector do something."""
    return ask(Path(load(config).data) / "control.sock", command, **arguments)


def json_lines(found: Iterable[Any]) -> None:
    """Print JSON, one object a line, exactly what was found; what would move a terminal stands in it as an escape."""
    for one in found:
        text = json.dumps(one, ensure_ascii=False)
        typer.echo(text if text.isprintable() else json.dumps(one).replace("\x7f", "\\u007f"))


def content(path: Path, most: int) -> bytes:
    """What stands in a file that a person names, of `most` bytes.

    Raises:
        RefusedError: it cannot be read, or is larger.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise RefusedError(
            "{path}: cannot be read: {reason}; name a file that this user may read", path=path, reason=error.strerror
        ) from error
    if len(data) > most:
        raise RefusedError(
            "{path}: larger than {most:,} KiB; divide it, or name another file", path=path, most=most >> 10
        )
    return data
