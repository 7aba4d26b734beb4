# SPDX-License-Identifier: Apache-2.0
"""The console's languages. Vietnamese is what the code and the templates say; the others are tables of it.

A table is languages/<code>.toml: Vietnamese sentence = its translation, or {one, other} where a count decides. A
sentence may hold {names} that are filled in. Why something was refused is said in English: the table of Vietnamese,
which serves the command line as well, has these sentences.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Final

from giamsat_collector import vietnamese

SOURCE: Final = "vi"

Table = Mapping[str, str | Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Language:
    """One language; a sentence it lacks is said as the code says it."""

    code: str
    name: str
    table: Table = field(default_factory=dict, repr=False)

    def text(self, source: str, /, **values: object) -> str:
        """A sentence in this language, its {names} filled in."""
        translated = self.table.get(source, source)
        if not isinstance(translated, str):
            translated = translated["one" if values.get("count") == 1 else "other"]
        return translated.format(**values) if values else translated


class Languages:
    """Every language there is, and which one a reader gets."""

    def __init__(self) -> None:
        self.all: Final = (Language(SOURCE, "Tiếng Việt", vietnamese.table()), Language("en", "English", _table("en")))

    def named(self, code: str | None) -> Language | None:
        """The language of this code."""
        return next((language for language in self.all if language.code == code), None)

    def preferred(self, accepted: str) -> Language:
        """The first language of an Accept-Language header that there is; Vietnamese when there is none."""
        for wish in _by_weight(accepted[:400]):
            language = self.named(wish.partition("-")[0])
            if language is not None:
                return language
        return self.all[0]


def _table(code: str) -> Table:
    file = resources.files("giamsat_collector.console").joinpath("languages", f"{code}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _by_weight(accepted: str) -> list[str]:
    """The codes of an Accept-Language header, dearest first; a weight nobody can read counts as none."""
    weighted = []
    for place, part in enumerate(accepted.split(",")):
        code, _, weight = part.strip().lower().partition(";q=")
        try:
            value = float(weight or 1)
        except ValueError:
            value = 0.0
        if value > 0:
            weighted.append((-value, place, code))
    return [code for _, _, code in sorted(weighted)]
