# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with rules, packs and cases.

RulesError
├ UnreadableError   a file or folder cannot be read at all
├ RefusedError      what was read holds problems; carries every one of them
├ BundleError        a signed bundle is not to be believed, or cannot be used
├ UnsupportedError  a rule asks for something this engine does not evaluate
└ UnknownError      a rule, level or parameter was asked for that nobody declared
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A file and a line in it, counted from 1."""

    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: where, what, and what to do about it."""

    origin: Origin
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.what}; {self.remedy}"


class RulesError(Exception):
    """Anything this package reports by itself; the message says what was wrong, where, and what to do."""


class UnreadableError(RulesError):
    """A file or folder cannot be read."""


class RefusedError(RulesError):
    """What was read cannot be used; `problems` holds every reason."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class BundleError(RulesError):
    """A bundle is refused; the message says why and what to do."""


class UnsupportedError(RulesError):
    """A part of a rule that this engine does not evaluate; the message names it."""


class UnknownError(RulesError):
    """A name that nobody declared."""
