# SPDX-License-Identifier: Apache-2.0
"""How much of the host each service of ours could reach, as systemd rates it, where systemd is installed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

UNITS = Path(__file__).resolve().parents[1] / "systemd"
WORST = 1.5
_LEVEL = re.compile(r"Overall exposure level for (\S+): ([0-9.]+)")


def main() -> int:
    """Exit 1 when a service is rated worse than allowed, or not rated at all."""
    if shutil.which("systemd-analyze") is None:
        print("note: systemd is not installed here: the services are not rated")
        return 0
    bad = 0
    for unit in sorted(UNITS.glob("*.service")):
        said = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)],
            capture_output=True,
            text=True,
            check=False,
        )
        found = _LEVEL.search(said.stdout)
        if found is None:
            print(f"{unit.name}: not rated: {said.stderr.strip()}")
            bad += 1
            continue
        level = float(found[2])
        print(f"note: {found[1]}: exposure {level} of 10")
        if level > WORST:
            print(f"{unit.name}: worse than allowed; what costs it: systemd-analyze security --offline=true {unit}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
