# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys

from support import alone

GROWN = 2 << 20


def test_an_agent_without_a_line_needs_no_more_memory_however_long_and_none_to_catch_up(
    tmp_path, pytestconfig, record_property
):
    hours = pytestconfig.option.outage_hours
    words = [sys.executable, alone.__file__, str(tmp_path), str(hours)]

    said = subprocess.run(words, check=True, capture_output=True, text=True, timeout=60 + 60 * hours).stdout

    waited, grown = map(int, said.split())
    counts = f"{hours} h, {waited} frames waited, at most {grown / 2**20:.2f} MiB more memory (RSS) than with a line"
    record_property("an agent without a line", f"{counts}, {int(grown > GROWN)} violations")
    assert waited >= hours * 240
    assert grown <= GROWN
