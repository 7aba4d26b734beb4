# SPDX-License-Identifier: Apache-2.0
"""Whether a profile can judge a rule at all."""

from giamsat_rules.correlate import too_large
from giamsat_rules.level import Profile
from giamsat_rules.rule import Correlation, Rule


def unfit(rule: Rule, profile: Profile) -> str | None:
    """Why the profile cannot judge the rule, after the words that name the profile; None when it can, or need not."""
    missing = profile.lacks(rule)
    if missing:
        return f"sets no {', '.join(sorted(missing))}" if profile.judges(rule.header.name) else None
    if isinstance(rule, Correlation) and too_large(rule, profile):
        return "asks for more than a window holds"
    return None
