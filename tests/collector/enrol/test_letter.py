# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import io
import re
import unicodedata
import zipfile
from zoneinfo import ZoneInfo

import docx
import pytest

from giamsat_collector.enrol import letter
from giamsat_wire import typed_code

TOKEN = "gs1." + ".".join("abcdefghijklmnopqrstuvwxyz234567"[:length] for length in typed_code.PARTS)
SECRET = TOKEN.split(".")[2]


def composed(name="Xã Hưng Hòa", help_="02383 123 456"):
    return letter.compose(
        unit=("40.412.1", name),
        token=TOKEN,
        address="giamsat.nghean.example:7444",
        uses=2,
        expires=dt.datetime(2026, 11, 30, 17, 0, tzinfo=dt.UTC),
        zone=ZoneInfo("Asia/Ho_Chi_Minh"),
        fingerprint="ab" * 32,
        help_=help_,
    )


def read(made):
    """The text of a DOCX file, tables included."""
    paper = docx.Document(io.BytesIO(made))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


@pytest.mark.parametrize("made", [letter.html, lambda one: read(letter.word(one))], ids=["html", "docx"])
def test_a_letter_says_who_what_where_until_when_and_the_code_as_it_is_typed(made):
    text = made(composed())

    printed = re.findall(r"[A-Z2-7]{4} [A-Z2-7]{4} [A-Z2-7]{3}\b", text)
    assert typed_code.token(printed) == TOKEN
    assert "Xã Hưng Hòa" in text
    assert "sudo sh install.sh --collector giamsat.nghean.example:7444" in text
    assert "sudo sh /usr/share/giamsat/agent/install.sh --collector giamsat.nghean.example:7444" in text
    assert "Không phân biệt chữ hoa, chữ thường" in text
    assert "English: unpack the file" in text
    assert "00:00 ngày 01/12/2026 (17:00 UTC)" in text
    assert "02383" in text


def test_what_a_unit_is_called_is_text_and_nothing_else():
    text = letter.html(composed(name="<script>alert(1)</script>"))

    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_a_name_is_written_as_it_is_whatever_form_its_accents_have_and_breaks_no_letter():
    name = "Thị trấn Hưng Nguyên"
    decomposed = unicodedata.normalize("NFD", name)
    for given, said in ((name, name), (decomposed, decomposed), ("Xã\x0b Hưng\x00\ufffe", "Xã  Hưng  ")):
        one = composed(name=given)

        assert said in letter.html(one)
        assert said in read(letter.word(one))


def test_the_picture_holds_no_secret():
    said = letter.pointer(composed())

    assert said == f"giamsat giamsat.nghean.example:7444 root-spki-sha256 {'ab' * 32}"
    assert SECRET not in said


def test_in_a_word_file_what_is_typed_stands_apart_and_the_code_in_boxes_of_its_width():
    paper = docx.Document(io.BytesIO(letter.word(composed())))
    typed = [run.text for each in paper.paragraphs for run in each.runs if run.font.name == letter.MONOSPACE]
    boxes = paper.tables[0]

    assert "cd giamsat-agent-*/" in typed
    assert boxes.style.name == "Table Grid"
    assert [cell.width.mm for cell in boxes.rows[0].cells] == pytest.approx([10, 62], abs=0.1)


def test_a_word_file_is_whole():
    with zipfile.ZipFile(io.BytesIO(letter.word(composed()))) as parts:
        assert parts.testzip() is None
        assert any(name.startswith("word/media/") for name in parts.namelist())
