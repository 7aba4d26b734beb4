# SPDX-License-Identifier: Apache-2.0
"""Why a rule is judged the way it is at a level: every step of the chain, with file and line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from giamsat_rules.errors import Origin, UnknownError
from giamsat_rules.level import LevelPack, Profile, Setting
from giamsat_rules.rule import Header, RuleSet, parameters
from giamsat_rules.runbook import steps

NEAR: Final = 3
"""Names that are offered in place of one that no rule has."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One parameter: the steps that set it, the last of which counts. No steps: the level does not set it."""

    parameter: str
    unit: str
    declared: Origin | None
    steps: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule at one level: whether it is judged, what said so, and the chain of each of its parameters.

    `hash` is the profile's, `base` that of its level without overrides.
    """

    rule: str
    origin: Origin
    level: int
    unclassified: bool
    pack: str
    hash: str
    base: str
    judged: bool
    said_by: tuple[Setting, ...]
    parameters: tuple[Explained, ...]


def explain(
    rules: RuleSet, pack: LevelPack, rule: str, level: int | None, profile: Profile | None = None
) -> Explanation:
    """The whole chain for a rule at a level; None is unclassified. `profile` is what overrides make of that level.

    Raises:
        UnknownError: there is no such rule; the message names those with a similar name.
    """
    found = rules.rules.get(rule)
    if found is None:
        near = get_close_matches(rule, sorted(rules.rules), NEAR)
        hint = f"did you mean {' or '.join(near)}?" if near else "give a name out of `giamsat-rules coverage`"
        raise UnknownError(f"there is no rule {rule!r}; {hint}")
    base = pack.profile(level)
    its = profile or base
    return Explanation(
        rule=rule,
        origin=found.header.origin,
        level=its.level,
        unclassified=level is None,
        pack=f"{pack.name} {pack.version}",
        hash=its.hash,
        base=base.hash,
        judged=its.judges(rule),
        said_by=tuple(each for each in its.chain if each.name == rule and each.what != "set"),
        parameters=tuple(
            Explained(
                parameter=name,
                unit=pack.declared[name].unit if name in pack.declared else "",
                declared=pack.declared[name].origin if name in pack.declared else None,
                steps=tuple(each for each in its.chain if each.name == name and each.what == "set"),
            )
            for name in sorted(parameters(found))
        ),
    )


def lines(explanation: Explanation) -> Iterator[str]:
    """The explanation as people read it, the last step of each parameter being the one that counts."""
    unclassified = " (unclassified, judged as the strictest)" if explanation.unclassified else ""
    yield f"{explanation.rule}  {explanation.origin}"
    yield f"level {explanation.level}{unclassified}  pack {explanation.pack}  profile {explanation.base}"
    if explanation.hash != explanation.base:
        yield f"with overrides  profile {explanation.hash}"
    yield "judged" if explanation.judged else "not judged"
    for step in explanation.said_by:
        yield f"  {step.what:8} {_by(step)}  {step.origin}"
    for parameter in explanation.parameters:
        yield f"{parameter.parameter} [{parameter.unit}]  declared {parameter.declared}"
        for step in parameter.steps:
            yield f"  = {step.value:<8g} {_by(step)}  {step.origin}"


def about(header: Header) -> Iterator[str]:
    """What a rule says of itself, in both languages: what it means, what else it may be, what to do first."""
    marks = f"{header.severity}  {', '.join(header.techniques)}".rstrip()
    yield f"{header.title.vi} / {header.title.en}  [{marks}]"
    for text, runbook in ((header.description.vi, header.runbook.vi), (header.description.en, header.runbook.en)):
        yield from (f"  {text}", *(f"  {number}. {step}" for number, step in enumerate(steps(runbook), 1)))
    for other in header.false_positives:
        yield f"  may also be: {other}"


def _by(step: Setting) -> str:
    return step.by or f"level {step.level}"
