# SPDX-License-Identifier: Apache-2.0
import asyncio

import pytest

from giamsat_agent.check import FIGURES, TEXT_LETTERS, Run, shorten
from giamsat_wire.clock import SystemClock


def test_text_of_the_other_end_is_bounded_and_cannot_break_a_line_or_hide():
    hostile = "a\x1b[2J\n\x00\u202eb" + "c" * 1000

    shown = shorten(hostile)

    assert shown.startswith("a\ufffd[2J\ufffd\ufffd\ufffdbc")
    assert len(shown) == TEXT_LETTERS


def test_figures_are_kept_once_each_and_up_to_a_bound():
    run = Run(SystemClock())
    for number in range(FIGURES * 2):
        run.set("probe_x", number, phase=str(number))
    run.set("probe_x", 7, phase="0")

    assert len(run.samples) == FIGURES
    assert run.samples[0].value == 7


async def test_what_may_hang_runs_on_a_thread_of_its_own_and_gives_result_or_error():
    run = Run(SystemClock())

    assert await run.blocking(lambda: 6 * 7) == 42
    with pytest.raises(ZeroDivisionError):
        await run.blocking(lambda: 1 / 0)
    await asyncio.sleep(0)
    assert run.stuck.done()
