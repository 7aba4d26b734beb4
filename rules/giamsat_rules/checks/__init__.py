# SPDX-License-Identifier: Apache-2.0
"""One file per thing a rule set may get wrong."""

from typing import Final

from giamsat_rules.check import Check
from giamsat_rules.checks import (
    endless_filter,
    loose_behind,
    misplaced_rule,
    missing_case,
    missing_level_case,
    missing_parameter,
    missing_words,
    spent_override,
    unknown_rule,
    unreachable_condition,
    unused_parameter,
    weakened_level,
)

ALL: Final[tuple[Check, ...]] = (
    endless_filter.CHECK,
    loose_behind.CHECK,
    misplaced_rule.CHECK,
    missing_case.CHECK,
    missing_level_case.CHECK,
    missing_parameter.CHECK,
    missing_words.CHECK,
    spent_override.CHECK,
    unknown_rule.CHECK,
    unreachable_condition.CHECK,
    unused_parameter.CHECK,
    weakened_level.CHECK,
)
"""All, for rules and the packs that judge by them."""
OF_RULES: Final[tuple[Check, ...]] = (
    endless_filter.CHECK,
    loose_behind.CHECK,
    misplaced_rule.CHECK,
    missing_case.CHECK,
    missing_words.CHECK,
)
"""Those for rules without a pack of their own."""
