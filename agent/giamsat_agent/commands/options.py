# SPDX-License-Identifier: Apache-2.0
"""What commands share: options, the configuration they go by, and where they talk to a person."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from giamsat_agent import config as configuration
from giamsat_agent.config import Config

DEFAULT: Final = Path("/etc/giamsat/agent.toml")

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help=f"Tệp TOML; bỏ trống: {DEFAULT} nếu có. / TOML file; without it {DEFAULT} if it is there.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Mỗi dòng một JSON. / One JSON object a line.")]

say = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
"""What is said beside the answer: errors, progress, what comes next."""
out = Console(highlight=False, markup=False, soft_wrap=True)
"""The answer itself, which can be put into a file or given to another program."""


def path_of(config: Path | None) -> Path | None:
    """The configuration file to read: the one named, else the default if it is there."""
    return config or (DEFAULT if DEFAULT.exists() else None)


def load(config: Path | None) -> Config:
    """The configuration in force."""
    path = path_of(config)
    return configuration.load(path) if path else Config()
