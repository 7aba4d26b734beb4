# SPDX-License-Identifier: Apache-2.0
"""A part that does not start: what it said now is told, and nothing of what it said before."""

import subprocess
import sys

import pair
import pytest


def test_of_a_collector_that_ends_its_own_last_word_is_told(tmp_path):
    (tmp_path / "collector.log").write_text("giamsat-collector: of yesterday\n")
    refused = pair.Pair(tmp_path, host="no address")

    with pytest.raises(pair.NotStartedError) as told, pair.collector(refused):
        pass

    assert str(told.value).startswith("the collector did not start: ")
    assert "no address" in str(told.value)
    assert "yesterday" not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("program", "said"), [("import os; os._exit(7)", "ended with 7 and wrote nothing"), ("input()", "runs, but after")]
)
def test_of_one_that_says_nothing_it_is_told_what_it_does(tmp_path, monkeypatch, program, said):
    monkeypatch.setattr(pair, "START_S", 0.0)
    (tmp_path / "log").touch()
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as process:
        if "exit" in program:
            process.wait()
        told = pair._reason(process, tmp_path / "log", 0)
        process.communicate(b"\n")

    assert said in told
    assert str(tmp_path / "log") in told
