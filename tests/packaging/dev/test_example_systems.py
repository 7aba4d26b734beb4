# SPDX-License-Identifier: Apache-2.0
"""The example systems, written anew from the units that ship."""

import csv
from collections import Counter

import example_systems
import pytest

SHIPPED = example_systems.FOLDER


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "units.csv").write_bytes((SHIPPED / "units.csv").read_bytes())
    monkeypatch.setattr(example_systems, "FOLDER", tmp_path)
    return tmp_path


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_ships_is_what_the_script_writes(folder):
    example_systems.main()

    assert (folder / "systems.csv").read_bytes() == (SHIPPED / "systems.csv").read_bytes()


def test_every_unit_has_a_system_and_every_level_occurs(folder):
    example_systems.main()

    systems = rows(folder / "systems.csv")
    assert len(systems) == len({system["id"] for system in systems}) == 512
    assert {system["unit"] for system in systems} == {unit["code"] for unit in rows(folder / "units.csv")}
    assert Counter(system["level"] for system in systems).keys() == set("12345")


def test_nobody_can_take_an_example_for_a_real_system(folder):
    example_systems.main()

    assert {(system["name"].startswith("Ví dụ: "), system["example"]) for system in rows(folder / "systems.csv")} == {
        (True, "yes")
    }


def test_units_that_do_not_add_up_to_512_are_said_and_nothing_is_written(folder):
    lines = (folder / "units.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "units.csv").write_text("".join([lines[0], *[line for line in lines[1:] if "STTTT" in line]]))

    with pytest.raises(SystemExit, match="not 512"):
        example_systems.main()

    assert not (folder / "systems.csv").exists()
