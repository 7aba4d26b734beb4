# SPDX-License-Identifier: Apache-2.0
"""Whether a profile can judge a rule at all, and whether an override leaves profiles that can."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from giamsat_rules.errors import Problem
from giamsat_rules.level import LevelPack, Profile
from giamsat_rules.override import Override, overridden
from giamsat_rules.rule import Correlation, Rule, RuleSet, parameters
from giamsat_rules.satisfiability import unreachable


def unfit(rule: Rule, profile: Profile) -> str | None:
    """Why the profile cannot judge the rule, after the words that name the profile; None when it can, or need not."""
    missing = profile.lacks(rule)
    if missing:
        return f"sets no {', '.join(sorted(missing))}" if profile.judges(rule.header.name) else None
    why = unreachable(rule, profile.value) if isinstance(rule, Correlation) else None
    return f"asks for what never comes: {why}" if why else None


def misfits(override: Override, rules: RuleSet, packs: Iterable[LevelPack]) -> Iterator[Problem]:
    """Every rule an override names and nobody has, and the rules it touches that a profile could then not judge."""
    named = [step for step in override.settings if step.what != "set"]
    for step in named:
        if step.name not in rules.rules:
            near = get_close_matches(step.name, sorted(rules.rules), 1)
            remedy = f"did you mean {near[0]}?" if near else "correct the name or take it out"
            yield Problem(step.origin, f"there is no rule {step.name}", remedy)
    touched = {step.name for step in override.settings}
    concerned = [rule for name, rule in rules.rules.items() if name in touched or touched & parameters(rule)]
    wrong: dict[str, str] = {}
    for profile in (profile for pack in packs for profile in pack.every()):
        after = overridden(profile, (override,))
        for rule in concerned:
            why = unfit(rule, after)
            if why is not None and unfit(rule, profile) != why:
                wrong.setdefault(rule.header.name, f"level {profile.level} of {profile.pack} with it {why}")
    for name, why in wrong.items():
        yield Problem(override.origin, f"{name} could not be judged: {why}", "set what it needs, or set less")
