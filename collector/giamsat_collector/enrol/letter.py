# SPDX-License-Identifier: Apache-2.0
"""The letter a unit gets: who, what to do in four steps, and a code that can be typed. As HTML and as DOCX."""

import io
from dataclasses import dataclass
from datetime import datetime, tzinfo
from importlib import resources
from typing import Final

import docx
import segno
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.table import Table, _Row
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from giamsat_wire import typed_code

GROUP: Final = 4
"""Characters of a line of the code that are printed together."""
MONOSPACE: Final = "DejaVu Sans Mono"


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything a letter says. `lines` are as they are printed, `until` in the reader's zone with UTC beside it."""

    unit: str
    name: str
    address: str
    uses: int
    lines: tuple[str, ...]
    until: str
    fingerprint: str
    help: str = ""


def compose(
    *,
    unit: tuple[str, str],
    token: str,
    address: str,
    uses: int,
    expires: datetime,
    zone: tzinfo,
    fingerprint: str,
    help_: str,
) -> Letter:
    """The letter for one unit (id and name); `fingerprint` is the hash (hex) of the root's key."""
    local = expires.astimezone(zone)
    return Letter(
        unit=unit[0],
        name="".join(letter if letter.isprintable() else " " for letter in unit[1]),
        address=address,
        uses=uses,
        lines=tuple(_grouped(line.upper()) for line in typed_code.lines(token)),
        until=f"{local:%H:%M ngày %d/%m/%Y} ({expires:%H:%M} UTC)",
        fingerprint=_grouped(fingerprint),
        help=help_,
    )


def html(letter: Letter) -> str:
    """The letter as one HTML file that needs nothing beside it."""
    text = resources.files(__package__).joinpath("letter.html").read_text(encoding="utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(text)
    qr = Markup(_code(letter).svg_inline(omitsize=True))  # noqa: S704 - made here
    return template.render(letter=letter, qr=qr, words=_words(letter))


def word(letter: Letter) -> bytes:
    """The letter as a DOCX file."""
    words, paper = _words(letter), docx.Document()
    for section in paper.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(25)
        section.top_margin = section.bottom_margin = Mm(18)
    style = paper.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(12)
    style.paragraph_format.space_after = Pt(4)
    title = paper.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.add_run(words.title.upper()).bold = True
    to = paper.add_paragraph()
    to.alignment = WD_ALIGN_PARAGRAPH.CENTER
    to.add_run("Kính gửi: ")
    to.add_run(letter.name).bold = True
    to.add_run(f" (mã đơn vị {letter.unit})")
    paper.add_paragraph(words.opening)
    for step in words.steps:
        item = paper.add_paragraph(style="List Number")
        for text, command in step:
            run = item.add_run(text)
            if command:
                run.font.name, run.font.size = MONOSPACE, Pt(10)
    _code_table(paper, letter.lines)
    paper.add_paragraph(words.good).paragraph_format.space_before = Pt(8)
    known = paper.add_table(rows=1, cols=2)
    picture = io.BytesIO()
    _code(letter).save(picture, kind="png", scale=6)
    picture.seek(0)
    left, right = _widths(known, (36, 124))[0].cells
    left.paragraphs[0].add_run().add_picture(picture, width=Mm(32))
    right.paragraphs[0].add_run(words.known_by)
    right.add_paragraph().add_run(letter.fingerprint).font.name = MONOSPACE
    right.add_paragraph(words.keep).add_run(f" Hỗ trợ: {letter.help}." if letter.help else "").bold = True
    paper.add_paragraph().add_run(words.english).font.size = Pt(10)
    written = io.BytesIO()
    paper.save(written)
    return written.getvalue()


def _code_table(paper: Document, lines: tuple[str, ...]) -> None:
    """The lines of the code in boxes, each with its number beside it."""
    table = paper.add_table(rows=len(lines), cols=2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for number, (row, line) in enumerate(zip(_widths(table, (10, 62)), lines, strict=True), 1):
        runs = [cell.paragraphs[0].add_run(text) for cell, text in zip(row.cells, (str(number), line), strict=True)]
        for cell in row.cells:
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
            cell.paragraphs[0].paragraph_format.space_after = Pt(2)
        runs[1].bold, runs[1].font.name, runs[1].font.size = True, MONOSPACE, Pt(15)


def _widths(table: Table, widths_mm: tuple[int, ...]) -> tuple[_Row, ...]:
    """The rows of a table whose columns are that wide: every program takes its widths from another place."""
    table.autofit = False
    rows = tuple(table.rows)
    for number, width in enumerate(widths_mm):
        table.columns[number].width = Mm(width)
        for row in rows:
            row.cells[number].width = Mm(width)
    return rows


def pointer(letter: Letter) -> str:
    """What the printed QR code says: where to enrol and by which root to know it.

    Never the secret, which a passing camera would take along.
    """
    return f"giamsat {letter.address} root-spki-sha256 {letter.fingerprint.replace(' ', '')}"


@dataclass(frozen=True, slots=True)
class _Words:
    """The sentences of both files. A step is texts, each with whether it is to be typed."""

    title: str
    opening: str
    steps: tuple[tuple[tuple[str, bool], ...], ...]
    good: str
    known_by: str
    keep: str
    english: str


def _words(letter: Letter) -> _Words:
    install = f"install.sh --collector {letter.address}"
    steps = (
        (
            "Chép tệp `giamsat-agent-….tar.gz` được gửi kèm vào máy chủ (không cần Internet), giải nén: "
            "`tar xf giamsat-agent-*.tar.gz`, rồi vào thư mục vừa có: `cd giamsat-agent-*/`"
        ),
        (
            f"Chạy lệnh: `sudo sh {install}`; máy đã cài bằng gói deb hoặc rpm thì không cần bước 1, chạy: "
            f"`sudo sh /usr/share/giamsat/agent/{install}`"
        ),
        (
            "Khi được hỏi, gõ lần lượt bảy dòng mã dưới đây. Không phân biệt chữ hoa, chữ thường; mỗi dòng được kiểm "
            "tra ngay, gõ sai dòng nào thì gõ lại dòng đó."
        ),
        "Xem kết quả bằng `sudo giamsat-agent status`.",
    )
    return _Words(
        title="Thư ghi danh hệ thống giám sát an toàn thông tin",
        opening=f"Đề nghị cán bộ công nghệ thông tin của đơn vị ghi danh {letter.uses} máy chủ vào hệ thống giám sát "
        "theo các bước sau:",
        steps=tuple(tuple((text, at % 2 == 1) for at, text in enumerate(step.split("`"))) for step in steps),
        good=f"Mã có hiệu lực đến {letter.until}, dùng cho {letter.uses} máy chủ và chỉ của đơn vị này.",
        known_by="Dấu vân tay của bộ thu thập (mã vuông ghi cả địa chỉ):",
        keep="Thư này chứa mã bí mật: giữ kín, không chụp ảnh, không gửi qua thư điện tử; hủy sau khi dùng.",
        english="English: unpack the file that came with this letter, run the command of step 2 in its folder and type "
        f"the seven lines when asked. The code is good until {letter.until.replace(' ngày', ',')}. Keep this letter "
        "secret and destroy it after use.",
    )


def _code(letter: Letter) -> segno.QRCode:
    return segno.make(pointer(letter), error="m")


def _grouped(text: str) -> str:
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))
