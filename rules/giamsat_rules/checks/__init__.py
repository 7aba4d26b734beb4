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
    endless_filter.find,
    loose_behind.find,
    misplaced_rule.find,
    missing_case.find,
    missing_level_case.find,
    missing_parameter.find,
    missing_words.find,
    spent_override.find,
    unknown_rule.find,
    unreachable_condition.find,
    unused_parameter.find,
    weakened_level.find,
)
"""All, for rules and the packs that judge by them."""
OF_RULES: Final[tuple[Check, ...]] = (
    endless_filter.find,
    loose_behind.find,
    misplaced_rule.find,
    missing_case.find,
    missing_words.find,
)
"""Those for rules without a pack of their own."""
