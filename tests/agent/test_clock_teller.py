# SPDX-License-Identifier: Apache-2.0
import signal
import subprocess
import sys
import time

from giamsat_agent import kernel_clock
from giamsat_agent.clock_teller import EVERY_S, FILE, keep_telling
from support.clock import ManualClock


def test_the_kernels_answer_is_written_anew_each_time_and_readable_by_all(tmp_path):
    clock, seen = ManualClock(), []

    def stopped(wait_s):
        seen.append((wait_s, kernel_clock.unpacked((tmp_path / FILE).read_bytes()).mono_ns))
        clock.advance(1)
        return len(seen) == 3

    keep_telling(tmp_path, clock, stopped)

    first = seen[0][1]
    assert seen == [(EVERY_S, first), (EVERY_S, first + 1), (EVERY_S, first + 2)]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_as_a_process_it_tells_until_it_is_ended(tmp_path):
    process = subprocess.Popen([sys.executable, "-m", "giamsat_agent.clock_teller", str(tmp_path)])
    limit = time.monotonic() + 60
    while not (tmp_path / FILE).exists() and time.monotonic() < limit:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)

    assert process.wait(60) == 0


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path):
    words = [sys.executable, "-m", "giamsat_agent.clock_teller", str(tmp_path / "missing")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith("giamsat-clock: ")
    assert done.stderr.count("\n") == 1
