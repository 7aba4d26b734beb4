# SPDX-License-Identifier: Apache-2.0
import io
from dataclasses import replace

import docx

from giamsat_collector.reports.document import Page, Paper, Part, Table
from giamsat_collector.reports.docx import word
from support.reading import words

TABLE = Table(("STT", "Tên"), ((1, "=cmd|'/c calc'!A0"), (2, None), (3, "a\x00b")), (20, 80), numbered=True)
PAPER = Paper("Mẫu số 08", "SỞ X", "việc Y", "BÁO CÁO", "Bộ Z", (Part("1. Một", ("dòng",), TABLE),), ("Ghi chú",))


def test_everything_of_a_report_is_on_the_paper_in_its_order():
    lines, (head, table, signed) = words(word(PAPER))

    assert [line for line in lines if line] == ["Mẫu số 08", "BÁO CÁO", "Kính gửi: Bộ Z", "1. Một", "dòng", "Ghi chú"]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head[0][1]
    assert head[0][0].startswith("SỞ X\nSố:")
    assert "(Ký, ghi rõ họ tên" in signed[0][1]
    assert table[:2] == [["STT", "Tên"], ["(1)", "(2)"]]


def test_text_stays_text_and_a_blank_stays_blank():
    _, (_, table, _) = words(word(PAPER))

    assert table[2:] == [["1", "=cmd|'/c calc'!A0"], ["2", ""], ["3", "a�b"]]


def test_a_letter_stands_upright_and_a_table_of_many_columns_lies_across():
    def sheet(page):
        section = docx.Document(io.BytesIO(word(replace(PAPER, page=page)))).sections[0]
        return round(section.page_width.mm), round(section.page_height.mm), round(section.left_margin.mm)

    assert (sheet(Page.ACROSS), sheet(Page.UPRIGHT)) == ((297, 210, 25), (210, 297, 30))
