# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys
from pathlib import Path

import power
import pytest

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("mkfs.xfs")]
LIFE = f"""
import os, sys
sys.path.insert(0, {str(Path(power.__file__).parent)!r})
from pathlib import Path
from power import disks

folder = Path(sys.argv[1])
with disks(folder, folder / "one", folder / "other") as (one, other):
    for name in ("synchronised", "only written"):
        for disk in (one, other):
            (disk.place / name).write_text(name)
            if name == "synchronised":
                for path in (disk.place / name, disk.place):
                    os.fsync(os.open(path, os.O_RDONLY))
    for _ in range(2):
        one.cut()
        print(sorted(path.name for path in one.place.iterdir()), sorted(path.name for path in other.place.iterdir()))
"""


def test_what_was_not_synchronised_is_gone_and_another_disk_keeps_all(tmp_path):
    words = ["unshare", "--mount", sys.executable, "-c", LIFE, str(tmp_path)]

    lived = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    left, whole = ["lost+found", "synchronised"], ["lost+found", "only written", "synchronised"]
    assert lived.stdout == f"{left} {whole}\n" * 2, lived.stderr
    assert not any(os.path.ismount(tmp_path / name) for name in ("one", "other", "behind"))
