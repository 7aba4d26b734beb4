# SPDX-License-Identifier: Apache-2.0
"""`make smoke` as a person runs it: its last line and its exit code."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from support.patience import PUT_OFF_S, stalled_s

SMOKE = Path(__file__).resolve().parents[2] / "packaging" / "dev" / "smoke.py"
LAST = re.compile(r"smoke: first sample (\d+\.\d) s, alert (\d+\.\d) s, series (\d+)\Z")


def test_smoke_ends_with_its_line_and_leaves_nothing_behind():
    before = stalled_s()
    # Not tmp_path: a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="gs-") as folder:
        ran = subprocess.run(
            [sys.executable, SMOKE], capture_output=True, text=True, timeout=240, check=False, env={"TMPDIR": folder}
        )
        left = list(Path(folder).iterdir())

    found = LAST.match(ran.stdout.splitlines()[-1])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert found, ran.stdout
    first_sample, alert, series = map(float, found.groups())
    hindered = min(stalled_s() - before, PUT_OFF_S)
    assert (first_sample - hindered < 10, alert - hindered < 20, series >= 150) == (True, True, True)
    assert left == []
