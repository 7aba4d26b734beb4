# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from giamsat_agent.host_pressure import (
    MEMORY,
    PROCESSOR,
    RELAXED_S,
    SLOWED,
    GivingWay,
    Stage,
    Strain,
    pressure,
    pressures,
)

TEXT = "some avg10=90.00 avg60=1.00 avg300=0.00 total=1\nfull avg10={:.2f} avg60=1.00 avg300=0.00 total=1\n"


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        (TEXT.format(12.34), 12.34),
        (TEXT.format(100), 100.0),
        ("", None),
        ("full avg10=x", None),
        ("some avg10=1.00 ", None),
    ],
)
def test_what_the_kernel_says_is_read_and_nothing_else(text, percent):
    assert pressure(text) == percent


def test_this_kernel_is_understood_where_it_tells():
    path = Path("/proc/pressure/memory")
    if not path.exists():
        pytest.skip("this kernel does not tell of pressure")

    assert 0 <= pressure(path.read_text()) <= 100


def test_intervals_stretch_under_pressure_and_each_change_is_told_once(tmp_path):
    (tmp_path / "pressure").mkdir()
    told = []
    strain = Strain(tmp_path, told.append)

    factors = []
    for percent in (0, 9, 11, 40, 7, 6, 4, 9, 0):
        (tmp_path / "pressure" / "memory").write_text(TEXT.format(percent))
        factors.append(strain.factor())

    assert factors == [1, 1, SLOWED, SLOWED, SLOWED, SLOWED, 1, 1, 1]
    assert told == [SLOWED, 1]


def test_a_kernel_that_does_not_tell_is_read_as_usual(tmp_path):
    assert Strain(tmp_path, print).factor() == 1


def stages(giving_way, seconds, *, memory=0.0, processor=0.0, begin=0):
    """The stages at these seconds, while this presses."""
    pressed = {MEMORY: memory, PROCESSOR: processor}
    return [giving_way.at(pressed, (begin + second) * 10**9).name for second in seconds]


@pytest.mark.parametrize(
    ("pressed", "thinned", "off"),
    [({"memory": 11.0}, 10, 30), ({"processor": 81.0}, 30, 600)],
    ids=["memory", "processor"],
)
def test_a_capture_gives_way_first_a_part_then_wholly_the_longer_it_presses(pressed, thinned, off):
    giving_way = GivingWay()

    found = stages(giving_way, (0, thinned - 1, thinned, off - 1, off, off + 500), **pressed)

    assert found == ["WHOLE", "WHOLE", "THINNED", "THINNED", "OFF", "OFF"]
    assert giving_way.lacks == (MEMORY if "memory" in pressed else PROCESSOR).name


def test_it_comes_back_step_by_step_only_after_nothing_pressed_for_a_while():
    giving_way, calm = GivingWay(), int(RELAXED_S)
    stages(giving_way, (0, 30), memory=50.0)

    between = stages(giving_way, (0, calm, 2 * calm), memory=MEMORY.until_percent + 1, begin=40)
    back = stages(giving_way, (0, calm - 1, calm, 2 * calm - 1, 2 * calm), begin=1_000)

    assert set(between) == {"OFF"}
    assert back == ["OFF", "OFF", "THINNED", "THINNED", "WHOLE"]


def test_a_moment_of_pressure_changes_nothing_and_one_on_the_way_back_starts_the_waiting_anew():
    giving_way, calm = GivingWay(), int(RELAXED_S)
    assert stages(giving_way, (0, 5), memory=90.0) + stages(giving_way, (9, 30)) == ["WHOLE"] * 4
    stages(giving_way, (0, 10), memory=90.0, begin=100)
    stages(giving_way, (0,), begin=200)
    stages(giving_way, (0,), memory=90.0, begin=200 + calm - 1)

    assert stages(giving_way, (0, calm - 1, calm), begin=300) == ["THINNED", "THINNED", "WHOLE"]


def test_pressures_are_read_where_the_kernel_tells_and_nothing_presses_where_it_does_not(tmp_path):
    assert pressures(tmp_path) == {MEMORY: 0.0, PROCESSOR: 0.0}
    (tmp_path / "pressure").mkdir()
    for name in ("memory", "cpu"):
        (tmp_path / "pressure" / name).write_text(TEXT.format(12.5))

    assert pressures(tmp_path) == {MEMORY: 12.5, PROCESSOR: 90.0}
    assert Stage.WHOLE < Stage.THINNED < Stage.OFF
