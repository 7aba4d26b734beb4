# SPDX-License-Identifier: Apache-2.0
import base64

import pytest

from support.console_line import line

FILE = base64.b64encode(b"PK made").decode()


@pytest.mark.parametrize(
    ("words", "command", "asked"),
    [
        (("form08", "--as-of", "2026-12-14"), "form08", {"as_of": "2026-12-14", "dossiers": None}),
        (("monitoring", "--half", "2026-H2", "--units", "now"), "monitoring", {"half": "2026-H2", "units": "now"}),
        (("unit", "40.412", "--month", "2026-11"), "unit", {"unit": "40.412", "month": "2026-11", "units": "then"}),
    ],
)
def test_a_report_is_written_in_the_format_its_file_is_named_by(tmp_path, words, command, asked):
    with line(tmp_path, **{f"report__{command}": FILE}) as here:
        result = here.run("report", *words, "--out", tmp_path / "r.xlsx", "--agency", "SỞ X")

    assert (tmp_path / "r.xlsx").read_bytes() == b"PK made"
    assert "r.xlsx" in result.stderr
    assert here.asked[0][1] == {"format_": "xlsx", "agency": "SỞ X", **asked}


def test_dossiers_travel_as_their_bytes(tmp_path):
    (tmp_path / "d.csv").write_bytes(b"id\xff")
    with line(tmp_path, report__form08=FILE) as here:
        here.run("report", "form08", "--out", tmp_path / "f.docx", "--dossiers", tmp_path / "d.csv")

    assert here.asked[0][1]["dossiers"]["text"].encode("latin-1") == b"id\xff"


@pytest.mark.parametrize(
    ("out", "more", "said"),
    [
        ("r.pdf", (), ".docx or .xlsx"),
        ("no/where/r.docx", (), "cannot be written"),
        ("r.docx", ("--dossiers", "nowhere.csv"), "nowhere.csv: cannot be read"),
    ],
)
def test_a_file_that_cannot_be_is_named(tmp_path, out, more, said):
    with line(tmp_path, report__form08=FILE) as here:
        assert said in str(here.run("report", "form08", "--out", tmp_path / out, *more).exception)
