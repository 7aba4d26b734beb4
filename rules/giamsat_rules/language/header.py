# SPDX-License-Identifier: Apache-2.0
"""What every rule says about itself, from Sigma's own keys and from its `giamsat:` block."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaRule

from giamsat_rules.behind import Behind
from giamsat_rules.document import Document
from giamsat_rules.errors import Problem
from giamsat_rules.owner import Owner
from giamsat_rules.rule import Header, Texts

SEVERITIES: Final = ("informational", "low", "medium", "high", "critical")
UNSAID: Final = "medium"
"""The severity of a rule that does not say one."""

_BYTES: Final = re.compile(r"\bb'(.*)'")
_TECHNIQUE: Final = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)")
_KEYS: Final = frozenset(
    {
        *("version", "title", "description", "runbook", "group-by"),
        *("metric", "absence", "history", "filter", "ends", "behind"),
    }
)
OWN: Final = "giamsat"
"""The key of the block, and the product of log sources that are our own."""


_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "condition": ("detection", "condition"),
    "modifier": ("detection",),
    "type": ("detection",),
    "value": ("detection",),
    "regularexpression": ("detection",),
    "identifier": ("id",),
    "tag": ("tags",),
    "correlationcondition": ("correlation", "condition"),
    "correlationtype": ("correlation", "type"),
    "correlationrule": ("correlation",),
    "timespan": ("correlation", "timespan"),
    "filtercondition": ("filter", "condition"),
    "filterrulereference": ("filter", "rules"),
}
"""Where in a document each of pySigma's errors belongs, by its class."""


class Block:
    """The `giamsat:` block of a document, read piece by piece; what is wrong with it is collected."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []
        said = document.value.get("giamsat", {})
        self._said: Mapping[str, object] = said if isinstance(said, dict) else {}
        if not isinstance(said, dict):
            self.fault("giamsat is not a map", "give version, title, runbook", "giamsat")
        for key in self._said.keys() - _KEYS:
            self.fault(f"giamsat.{key} is not known", f"use: {', '.join(sorted(_KEYS))}", "giamsat", key)

    def fault(self, what: str, remedy: str, *path: str | int) -> None:
        """Note something wrong at `path`."""
        self.problems.append(self.document.problem(what, remedy, *path))

    def refuse(self, errors: Iterable[SigmaError]) -> None:
        """Note what pySigma found; it does not say where in the file, so the kind of error names the key."""
        for error in errors:
            said = " ".join(str(error.args[0] if error.args else error).split())
            name = type(error).__name__.removeprefix("Sigma").removesuffix("Error").lower()
            what, remedy = _said_plainly(name, said)
            self.fault(what, remedy, *_PLACES.get(name, (name,)))

    def has(self, key: str) -> bool:
        """Whether the block says anything under `key`."""
        return key in self._said

    def part(self, key: str) -> Mapping[str, object]:
        """The map under `key`; empty, and noted, when it is none."""
        said = self._said.get(key)
        if not isinstance(said, dict):
            self.fault(f"giamsat.{key} is missing or not a map", "see a shipped rule of this kind", "giamsat", key)
            return {}
        return said

    def languages(self, key: str) -> Texts | None:
        """The sentence under `key` in both languages; None when it is not said."""
        if key not in self._said:
            return None
        said = self.part(key)
        return Texts(str(said.get("vi") or "").strip(), str(said.get("en") or "").strip())

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under `key`."""
        said = self._said.get(key, [])
        if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
            self.fault(f"giamsat.{key} is not a list of texts", f"write {key}: [a.field]", "giamsat", key)
            return ()
        return tuple(said)

    def name(self, key: str) -> str:
        """The name under `key`; empty when it is not said."""
        said = self._said.get(key, "")
        if isinstance(said, str):
            return said
        self.fault(f"giamsat.{key} is not a name", f"write {key}: a_rule", "giamsat", key)
        return ""

    def version(self) -> int:
        """The rule's version, 1 when it does not say."""
        said = self._said.get("version", 1)
        if not isinstance(said, int) or isinstance(said, bool) or said < 1:
            self.fault(f"giamsat.version is {said!r}", "count versions 1, 2, 3, …", "giamsat", "version")
            return 1
        return said


def _said_plainly(name: str, said: str) -> tuple[str, str]:
    """What is wrong and what to do, for what rules of others most often hold."""
    if name == "condition" and "pipe syntax" in said:
        what = "the condition counts behind a `|`, as Sigma no longer does"
        return what, "count in a correlation: event_count or value_count, with group-by and timespan"
    if name == "regularexpression":
        return _BYTES.sub(r"\1", said), "write it without what RE2 lacks: looking around, referring back"
    return said, "see the Sigma 2.1 specification"


def read_header(sigma: SigmaRule | SigmaCorrelationRule | SigmaFilter, block: Block) -> Header:
    """The rule's header; a rule written elsewhere has its title and description as both languages."""
    tags = [f"{tag.namespace}.{tag.name}" for tag in sigma.tags]
    return Header(
        name=sigma.name or str(sigma.id or "") or block.document.file.stem,
        id=str(sigma.id or ""),
        version=block.version(),
        title=block.languages("title") or Texts(sigma.title, sigma.title),
        description=block.languages("description") or Texts(sigma.description or "", sigma.description or ""),
        runbook=block.languages("runbook") or Texts(),
        severity=sigma.level.name.lower() if sigma.level else UNSAID,
        techniques=tuple(found[1].upper() for tag in tags if (found := _TECHNIQUE.fullmatch(tag))),
        false_positives=tuple(map(str, sigma.falsepositives)),
        origin=block.document.at(),
        digest=block.document.digest(),
        own=OWN in block.document.value,
        behind=_behind(block) if block.has("behind") else Behind(),
    )


def _behind(block: Block) -> Behind:
    said = block.part("behind")
    rules, per = said.get("rules"), said.get("per", Owner.ASSET)
    if not isinstance(rules, list) or not rules or not all(isinstance(each, str) for each in rules):
        block.fault("giamsat.behind.rules is no list of rules", "write rules: [a_rule]", OWN, "behind", "rules")
        return Behind()
    if per not in list(Owner):
        block.fault(f"giamsat.behind.per is {per!r}", f"use one of: {', '.join(Owner)}", OWN, "behind", "per")
        return Behind()
    for key in said.keys() - {"rules", "per"}:
        block.fault(f"giamsat.behind.{key} is not known", "use: rules, per", OWN, "behind", str(key))
    return Behind(tuple(dict.fromkeys(rules)), Owner(str(per)))
