# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
import sys

from giamsat_collector.indicators.packing import packed, unpacked
from support.listing import NOW, entry, file

WORDS = [sys.executable, "-m", "giamsat_collector.indicators"]


def test_a_file_that_would_take_all_the_memory_is_refused():
    asked = json.dumps({"wanted": {"name": "ncsc"}, "now": NOW, "before": 0}).encode()
    bomb = file("[" + "{}," * (20 << 20) + "{}]")

    said = subprocess.run(WORDS, input=asked + b"\n" + bomb, capture_output=True, check=True)

    (problem,) = json.loads(said.stdout)["problems"]
    assert "MiB of memory; make two lists of it" in problem


def test_it_reads_what_there_is_and_the_file_and_writes_what_comes_of_them():
    before = packed([entry("b.example", comment="mã độc")])
    asked = json.dumps({"wanted": {"name": "ncsc"}, "now": NOW, "before": len(before)}).encode()

    said = subprocess.run(WORDS, input=asked + b"\n" + before + file("a.example\n"), capture_output=True, check=True)

    line, _, kept = said.stdout.partition(b"\n")
    found = json.loads(line)
    assert (found["added"], found["removed"], found["going"], said.stderr) == (1, 1, ["b.example"], b"")
    assert [one.value for one in unpacked(kept)] == ["a.example"]
