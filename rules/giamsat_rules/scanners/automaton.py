# SPDX-License-Identifier: Apache-2.0
"""One automaton after Aho and Corasick for all literals."""

from collections.abc import Collection, Sequence

from ahocorasick_rs import AhoCorasick, Implementation

from giamsat_rules.scanner import Scanner


class _Automaton:
    def __init__(self, literals: Sequence[str]) -> None:
        self._automaton = AhoCorasick(list(literals), implementation=Implementation.ContiguousNFA)

    def found(self, text: str) -> Collection[int]:
        return {number for number, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True)}


def automaton(literals: Sequence[str]) -> Scanner:
    """A scanner for the literals."""
    return _Automaton(literals)
