# SPDX-License-Identifier: Apache-2.0
import sys

import pytest

from giamsat_collector.errors import RefusedError
from giamsat_collector.indicators import import_plan, import_process
from giamsat_collector.indicators.import_plan import Wanted
from giamsat_collector.indicators.packing import packed, unpacked
from support.listing import NOW, entry, file

BEFORE = packed([entry("b.example"), entry("c.example")])


async def test_a_process_of_its_own_says_what_this_one_would(capfd):
    for data, wanted in (
        (file("value,comment\na.example,độc\nb.example,\n"), Wanted("ncsc", source="Trung tâm")),
        (file("a.example\n10.0.0.1\n"), Wanted("ncsc")),
        (file("a.example\n10.0.0.1\n"), Wanted("ncsc", lenient=True)),
    ):
        here = import_plan.change(data, wanted, unpacked(BEFORE), NOW)

        assert await import_process.change(data, wanted, BEFORE, NOW) == here
    assert capfd.readouterr().out == ""


async def test_a_process_that_fails_or_takes_too_long_is_said_and_ended(monkeypatch):
    monkeypatch.setattr(import_process, "_WORDS", ("-c", "raise SystemExit(3)"))
    with pytest.raises(RefusedError, match="log says why"):
        await import_process.change(b"", Wanted("ncsc"), b"", NOW)

    with monkeypatch.context() as without:
        without.setattr(sys, "executable", "/not/there")
        with pytest.raises(RefusedError, match="could not be begun: No such file"):
            await import_process.change(b"", Wanted("ncsc"), b"", NOW)

    monkeypatch.setattr(import_process, "_WORDS", ("-c", "import signal; signal.pause()"))
    monkeypatch.setattr(import_process, "LONGEST_S", 0.2)
    with pytest.raises(RefusedError, match="make two lists"):
        await import_process.change(b"", Wanted("ncsc"), b"", NOW)
