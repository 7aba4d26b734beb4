# SPDX-License-Identifier: Apache-2.0
import errno
import os
from importlib.resources import files

import openpyxl
import pytest

from giamsat_collector.errors import RefusedError
from giamsat_wire import durable
from giamsat_wire.typed_code import PARTS
from support.console_line import line

ISSUED = {
    "issued": [{"unit": "40.412", "name": "Vinh", "token": "gs1." + ".".join("a" * part for part in PARTS)}],
    "waiting": ["40.412"],
    "uses": 1,
    "expires": "2026-01-01T00:00:00.000Z",
    "address": "c:7444",
    "fingerprint": "ab" * 32,
}


@pytest.fixture
def units(tmp_path):
    """A CSV file with the units that are to get a letter."""
    path = tmp_path / "units.csv"
    path.write_text("code,name_vi\n40.412,Vinh\n40.412,Vinh\n", encoding="utf-8-sig")
    return str(path)


def test_each_unit_gets_two_files_nobody_else_can_read(tmp_path, units):
    folder = tmp_path / "letters"
    with line(tmp_path, enrol__letters=ISSUED) as here:
        result = here.run("enrol", "issue", "--units", units, "--out", str(folder))

    assert result.exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["40.412.docx", "40.412.html"]
    assert {path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())} == {0}
    assert here.asked[0][1]["units"] == ["40.412"]


def test_letters_are_never_written_over_others_and_no_token_is_spent_on_it(tmp_path, units):
    (tmp_path / "letters").mkdir()
    with line(tmp_path, enrol__letters=ISSUED) as here:
        result = here.run("enrol", "issue", "--units", units, "--out", str(tmp_path / "letters"))

    assert "name a new folder" in str(result.exception)
    assert here.asked == []


def test_a_refused_request_leaves_no_folder_in_the_way_of_the_next(tmp_path, units):
    folder = tmp_path / "letters"
    words = ("enrol", "issue", "--units", units, "--out", str(folder))
    with line(tmp_path, enrol__letters=RefusedError("not in the registry")) as here:
        refused = here.run(*words)
    left = folder.exists()
    with line(tmp_path, enrol__letters=ISSUED) as here:
        again = here.run(*words)

    assert "not in the registry" in str(refused.exception)
    assert not left
    assert again.exit_code == 0, again.exception


def test_what_a_full_disk_has_no_room_for_is_withdrawn_and_named(tmp_path, units, monkeypatch):
    rows = [{**ISSUED["issued"][0], "unit": f"40.41{number}"} for number in (2, 3, 4)]
    made, create = [], durable.create

    def full(path, data):
        made.append(path)
        if len(made) == 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        create(path, data)

    monkeypatch.setattr(durable, "create", full)
    with line(tmp_path, enrol__letters={**ISSUED, "issued": rows}, enrol__withdraw=None) as here:
        result = here.run("enrol", "issue", "--units", units, "--out", str(tmp_path / "letters"))

    assert "1 letters are written and good, the codes of the other 2, from 40.413 on" in str(result.exception)
    assert [name for name, _ in here.asked] == ["enrol.letters", "enrol.withdraw", "enrol.withdraw"]
    assert sorted(path.name for path in (tmp_path / "letters").iterdir()) == ["40.412.docx", "40.412.html"]


def test_what_cannot_be_printed_is_refused_before_anything_is_issued(tmp_path, units):
    with line(tmp_path, enrol__letters=ISSUED) as here:
        words = ("--out", str(tmp_path / "letters"), "--help-address", "0238\udcff")
        result = here.run("enrol", "issue", "--units", units, *words)

    assert "cannot be printed" in str(result.exception)
    assert here.asked == []


def test_a_column_of_systems_goes_along_with_each_unit(tmp_path):
    (tmp_path / "units.csv").write_text("code;system\n40.412;VD-023\n40.413;\n")
    with line(tmp_path, enrol__letters=ISSUED) as here:
        here.run("enrol", "issue", "--units", str(tmp_path / "units.csv"), "--out", str(tmp_path / "d"))

    assert here.asked[0][1]["units"] == ["40.412", "40.413"]
    assert here.asked[0][1]["systems"] == {"40.412": "VD-023"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "code,sistem,name_vi\n40.412,VD-023,Vinh\n",
            "no such column: 'sistem'; did you mean 'system'?",
        ),
        ("code,system\n40.412,VD-023\n40.412,VD-024\n", "40.412 stands there with more than one system"),
    ],
)
def test_what_a_letter_cannot_say_is_refused_by_name_before_anything_is_made(tmp_path, text, said):
    (tmp_path / "units.csv").write_text(text)
    with line(tmp_path, enrol__letters=ISSUED) as here:
        result = here.run("enrol", "issue", "--units", str(tmp_path / "units.csv"), "--out", str(tmp_path / "d"))

    assert said in str(result.exception)
    assert here.asked == []
    assert not (tmp_path / "d").exists()


def test_a_workbook_serves_as_its_rows_saved_as_text_would(tmp_path):
    book = openpyxl.Workbook()
    for row in (("code", "system"), ("40.412", "VD-023"), ("40.413", None)):
        book.active.append(row)
    book.save(tmp_path / "units.xlsx")
    with line(tmp_path, enrol__letters=ISSUED) as here:
        here.run("enrol", "issue", "--units", str(tmp_path / "units.xlsx"), "--out", str(tmp_path / "d"))

    assert here.asked[0][1]["units"] == ["40.412", "40.413"]
    assert here.asked[0][1]["systems"] == {"40.412": "VD-023"}


def test_the_file_the_registry_was_made_from_serves_as_it_is(tmp_path):
    units = files("giamsat_collector.registry").joinpath("example", "units.csv")
    with line(tmp_path, enrol__letters=ISSUED) as here:
        result = here.run("enrol", "issue", "--units", str(units), "--out", str(tmp_path / "d"))

    assert result.exit_code == 0, result.output
    assert "40.SO.STP" in here.asked[0][1]["units"]


@pytest.mark.parametrize("text", ["", "name_vi\nVinh\n"])
def test_a_file_without_units_is_refused_before_anything_is_made(tmp_path, text):
    (tmp_path / "units.csv").write_text(text)
    with line(tmp_path) as here:
        result = here.run("enrol", "issue", "--units", str(tmp_path / "units.csv"), "--out", str(tmp_path / "d"))

    assert "no column code, unit, id" in str(result.exception)
    assert not (tmp_path / "d").exists()
