# SPDX-License-Identifier: Apache-2.0
import pytest

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


@pytest.mark.parametrize("text", ["", "name\nVinh\n"])
def test_a_file_without_units_is_refused_before_anything_is_made(tmp_path, text):
    (tmp_path / "units.csv").write_text(text)
    with line(tmp_path) as here:
        result = here.run("enrol", "issue", "--units", str(tmp_path / "units.csv"), "--out", str(tmp_path / "d"))

    assert "no column code, unit, id" in str(result.exception)
    assert not (tmp_path / "d").exists()
