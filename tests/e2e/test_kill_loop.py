# SPDX-License-Identifier: Apache-2.0
"""Both ends ended with SIGKILL under load, as `make kill-loop` does for longer."""

import subprocess
import sys
from pathlib import Path

import kill_loop


def test_nothing_is_lost_and_nothing_comes_twice():
    ran = subprocess.run(
        [sys.executable, Path(kill_loop.__file__), "5"], capture_output=True, text=True, timeout=280, check=False
    )

    last = ran.stdout.splitlines()[-1]
    assert last.startswith("kill-loop: 5 kills, 0 lost, 0 duplicates of "), ran.stdout + ran.stderr
    assert ran.returncode == 0
