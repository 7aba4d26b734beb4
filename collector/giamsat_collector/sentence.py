# SPDX-License-Identifier: Apache-2.0
"""What is said of something that cannot be: in English to a command line, in the reader's language in the console."""

from collections.abc import Callable
from typing import Self


class Sentence(str):
    """English text that remembers of what it was made: `template`, and the `values` of its {names}.

    A value may be a sentence itself.
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """The sentence, its {names} filled in."""
        made = super().__new__(cls, template.format(**values))
        made.template, made.values = template, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Of what a copy is made: the text may hold braces that somebody else wrote."""
        return (self.template,), self.values


def sentence(template: str, /, **values: object) -> str:
    """Text as it is, or with its {names} filled in where there are values: text of somebody else may hold braces."""
    return Sentence(template, **values) if values else template


def told(text: str, say: Callable[..., str]) -> str:
    """Text as `say` says it of its template and values by name; sentences within it likewise."""
    if not isinstance(text, Sentence):
        return say(text)
    values = {name: told(value, say) if isinstance(value, Sentence) else value for name, value in text.values.items()}
    return say(text.template, **values)
