# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.check import Failure, Run, UnusableError
from giamsat_agent.checks.log import LogCheck
from giamsat_agent.errors import ConfigError
from support.checking import once, settings
from support.clock import ManualClock

PATTERNS = {"error": "ERROR|FATAL", "slow": r"took [0-9]{4,} ms"}


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "app.log"
    path.write_text("ERROR of yesterday\n")
    return path


class Watched:
    """A check run again and again on a clock of our own."""

    def __init__(self, log):
        self.clock = ManualClock()
        self._check = LogCheck(settings(what="log", target=str(log), patterns=PATTERNS))

    async def figures(self, *, after_s=60):
        self.clock.advance(int(after_s * 10**9))
        run = Run(self.clock)
        await self._check.run(run)
        return {(one.name.removeprefix("giamsat_log_"), *dict(one.labels).values()): one.value for one in run.samples}


async def test_lines_that_come_are_counted_in_all_and_a_minute(log):
    watched = Watched(log)
    first = await watched.figures()
    with log.open("a") as file:
        file.write("INFO took 12 ms\nERROR x\nFATAL y\nWARN took 5000 ms\nERROR not whole")
    second = await watched.figures(after_s=30)
    with log.open("a") as file:
        file.write(" now\n")
    third = await watched.figures()

    assert first == {
        ("lines_total",): 0, ("shifts_total",): 0, ("matches_total", "error"): 0, ("matches_total", "slow"): 0,
    }  # fmt: skip
    assert second["lines_total",] == 4
    assert (second["matches_total", "error"], second["matches_per_minute", "error"]) == (2, 4.0)
    assert (second["matches_total", "slow"], second["matches_per_minute", "slow"]) == (1, 2.0)
    assert (third["matches_total", "error"], third["matches_per_minute", "error"]) == (3, 1.0)


async def test_a_log_is_followed_through_its_rotation(log):
    watched = Watched(log)
    await watched.figures()
    with log.open("a") as file:
        file.write("ERROR before\n")
    log.rename(log.with_suffix(".log.1"))
    log.write_text("ERROR after\n")

    assert (await watched.figures())["matches_total", "error"] == 2


async def test_bytes_that_are_no_text_and_lines_without_end_are_counted_all_the_same(log):
    watched = Watched(log)
    await watched.figures()
    with log.open("ab") as file:
        file.write(b"\xff\xfe ERROR \x00\n" + b"x" * 3_000_000 + b"\nERROR\n")

    found = await watched.figures()

    assert (found["lines_total",], found["matches_total", "error"]) == (3, 2)


async def test_a_log_that_is_not_there_says_so(tmp_path):
    watched = Watched(tmp_path / "none.log")

    with pytest.raises(UnusableError, match=r"none\.log: cannot be read: No such file"):
        await watched.figures()
    assert (await once(what="log", target=str(tmp_path), patterns=PATTERNS)).failure is Failure.UNUSABLE


@pytest.mark.parametrize("pattern", ["(a", r"(a)\1", "(?=a)"])
def test_a_pattern_that_is_not_re2s_is_refused_with_its_name(pattern):
    with pytest.raises(ConfigError, match=r"check it: pattern wrong: RE2 does not take it: [a-z]"):
        settings(what="log", target="/x", patterns={"wrong": pattern})


async def test_a_log_of_utf_16_is_counted_also_when_a_character_comes_in_two(tmp_path):
    log = tmp_path / "ERRORLOG"
    log.write_bytes("\ufeffERROR of yesterday\n".encode("utf-16-le"))
    watched = Watched(log)
    await watched.figures()
    line = "ERROR: Đăng nhập\n".encode("utf-16-le")
    with log.open("ab") as file:
        file.write(line + line[:15])
    first = await watched.figures()
    with log.open("ab") as file:
        file.write(line[15:])

    assert first["matches_total", "error"] == 1
    assert (await watched.figures())["matches_total", "error"] == 2


async def test_lines_of_utf_16_that_an_odd_number_of_bytes_shifted_are_counted_on(tmp_path):
    log = tmp_path / "ERRORLOG"
    log.write_bytes("\ufeffbegun\n".encode("utf-16-le"))
    watched = Watched(log)
    await watched.figures()
    with log.open("ab") as file:
        file.write(b"appended\n" + "one\nERROR two\n".encode("utf-16-le"))
    figures = await watched.figures()

    assert (figures["shifts_total",], figures["lines_total",], figures["matches_total", "error"]) == (1, 2, 1)
