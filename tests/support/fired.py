# SPDX-License-Identifier: Apache-2.0
"""Which end-to-end test makes which shipped rule fire from its real source, as e2e/fired.toml says, and what fires.

A rule fires where the engine, driven by the test itself, raises a verdict of it, or where the test finds an alert of it
when it asks its collector for those of that rule or of a host of its own.
"""

import contextlib
import tomllib
from pathlib import Path

import pytest

from giamsat_rules.verdict import Verdict
from support.site import Site

FOLDER = Path(__file__).parents[1] / "e2e"
LIST = tomllib.loads((FOLDER / "fired.toml").read_text(encoding="utf-8"))


def said(file, test):
    """The rules that a test of that folder is said to make fire."""
    return set(LIST["fires"].get(file, {}).get(test, ()))


@contextlib.contextmanager
def heard():
    """The rules that fire meanwhile."""
    rules = set()
    made, alerts = Verdict.__init__, Site.alerts

    def raised(verdict, *words, **named):
        made(verdict, *words, **named)
        if verdict.change == "raised":
            rules.add(verdict.rule)

    def found(here, **wanted):
        rows = alerts(here, **wanted)
        if wanted.keys() & {"rule", "asset"}:
            rules.update(one["rule"] for one in rows)
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Verdict, "__init__", raised)
        patch.setattr(Site, "alerts", found)
        yield rules
