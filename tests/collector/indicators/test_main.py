# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
import sys

from giamsat_collector.indicators.packing import packed, unpacked
from support.listing import NOW, entry, file


def test_it_reads_what_there_is_and_the_file_and_writes_what_comes_of_them():
    before = packed([entry("b.example", comment="mã độc")])
    asked = json.dumps({"wanted": {"name": "ncsc"}, "now": NOW, "before": len(before)}).encode()
    words = [sys.executable, "-m", "giamsat_collector.indicators"]

    said = subprocess.run(words, input=asked + b"\n" + before + file("a.example\n"), capture_output=True, check=True)

    line, _, kept = said.stdout.partition(b"\n")
    found = json.loads(line)
    assert (found["added"], found["removed"], found["going"], said.stderr) == (1, 1, ["b.example"], b"")
    assert [one.value for one in unpacked(kept)] == ["a.example"]
