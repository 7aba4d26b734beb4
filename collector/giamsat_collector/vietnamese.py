# SPDX-License-Identifier: Apache-2.0
"""Why something was refused, in Vietnamese: what the command line says before the English, and the console to readers.

The table, vietnamese.toml, holds English sentence = its translation; a sentence may hold {names} that are filled in.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from giamsat_collector.sentence import told


@cache
def table() -> Mapping[str, str]:
    """Every sentence that is said in Vietnamese, by the English one."""
    return tomllib.loads(resources.files(__package__).joinpath("vietnamese.toml").read_text(encoding="utf-8"))


def in_both(text: str) -> str:
    """A refusal as `Vietnamese / English`; in English alone where nobody has put it into Vietnamese."""
    said = told(text, _text)
    return str(text) if said == text else f"{said} / {text}"


def _text(source: str, /, **values: object) -> str:
    template = table().get(source, source)
    return template.format(**values) if values else template
