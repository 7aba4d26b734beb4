# SPDX-License-Identifier: Apache-2.0
"""The scanners; all find the same. `fastest` is the one this machine has."""

from importlib import import_module
from importlib.util import find_spec

from giamsat_rules.scanner import Scanning
from giamsat_rules.scanners.automaton import automaton

__all__ = ["automaton", "fastest"]


def fastest() -> Scanning:
    """Hyperscan where it is installed (it exists for few processors), Aho-Corasick otherwise."""
    if find_spec("hyperscan") is None:
        return automaton
    scanning: Scanning = import_module("giamsat_rules.scanners.hyper").hyper
    return scanning
