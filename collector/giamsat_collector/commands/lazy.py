# SPDX-License-Identifier: Apache-2.0
"""Commands that are loaded when they are asked for: a short one does not wait for what another needs."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group


def add_later(app: typer.Typer, told: Mapping[str, str]) -> None:
    """Give an app commands and groups of commands, each `told` to be for something, in a module of its own here.

    Such a module has an `app`: that is the group, or holds the one command of this name.
    """

    class Later(TyperGroup):
        """Loads of these only the one that is asked for."""

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - typer's own types are private
            """The command that is asked for, by its name, and the words behind it."""
            name, command, rest = super().resolve_command(ctx, args)
            if name is not None and name in told:
                group = get_group(import_module(f"{__package__}.{name.replace('-', '_')}").app)
                command = group.commands.get(name, group)
                command.help = command.help or told[name]
            return name, command, rest

    app.info.cls = Later
    for name, what in told.items():
        app.add_typer(typer.Typer(help=what), name=name)
