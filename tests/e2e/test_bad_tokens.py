# SPDX-License-Identifier: Apache-2.0
"""A thousand requests a second with wrong tokens hold nobody up who has a right one."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from giamsat_collector.errors import CollectorError
from support import bad_tokens
from support.patience import Patience

RATE, SECONDS = 1_000, 4


def part(took, share):
    """The time so large a share of them took at most."""
    return sorted(took)[int(share * (len(took) - 1))]


def test_whoever_has_a_right_token_is_answered_while_others_guess(here):
    words = [sys.executable, "-m", "support.bad_tokens", str(here.console), str(RATE), str(SECONDS)]
    tests = Path(bad_tokens.__file__).parents[1]
    guessing = subprocess.Popen(words, cwd=tests, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(tests)})
    pages, turns = [], []
    while guessing.poll() is None:
        began = Patience(0)
        here.fetch("/metrics")
        pages.append(began.spent_s())
        for _ in range(10):
            began = Patience(0)
            with contextlib.suppress(CollectorError):  # nothing is asked for: a turn of the event loop, and no more
                here.ask("nothing")
            turns.append(began.spent_s())
    answers = json.loads(guessing.communicate()[0])

    assert set(answers) <= {"303", "401"}, answers
    assert sum(answers.values()) > RATE, "it was guessed as fast as that, or as fast as it was answered"
    assert part(pages, 0.95) <= 0.5
    assert part(turns, 0.99) <= 0.05
