# SPDX-License-Identifier: Apache-2.0
"""The letter a unit gets: who, what to do in four steps, and a code that can be typed. As HTML and as DOCX."""

import io
from dataclasses import dataclass
from datetime import datetime, tzinfo
from importlib import resources
from typing import Final

import docx
import segno
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
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
    return template.render(letter=letter, qr=Markup(_code(letter).svg_inline(omitsize=True)))  # noqa: S704 - made here


def word(letter: Letter) -> bytes:
    """The letter as a DOCX file."""
    paper = docx.Document()
    for section in paper.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(25)
    style = paper.styles["Normal"].font
    style.name, style.size = "Times New Roman", Pt(13)
    title = paper.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    heading = title.add_run("THƯ GHI DANH HỆ THỐNG GIÁM SÁT AN TOÀN THÔNG TIN")
    heading.bold = True
    to = paper.add_paragraph()
    to.alignment = WD_ALIGN_PARAGRAPH.CENTER
    to.add_run("Kính gửi: ")
    to.add_run(letter.name).bold = True
    to.add_run(f" (mã đơn vị {letter.unit})")
    paper.add_paragraph(
        f"Đề nghị cán bộ công nghệ thông tin của đơn vị ghi danh {letter.uses} máy chủ vào hệ thống giám sát:"
    )
    for step in _steps(letter):
        paper.add_paragraph(step, style="List Number")
    table = paper.add_table(rows=0, cols=2)
    for number, line in enumerate(letter.lines, 1):
        cells = table.add_row().cells
        cells[0].text, cells[0].width = str(number), Mm(12)
        code = cells[1].paragraphs[0].add_run(line)
        code.bold, code.font.name, code.font.size = True, MONOSPACE, Pt(15)
    paper.add_paragraph(f"Mã có hiệu lực đến {letter.until}, dùng cho {letter.uses} máy chủ và chỉ của đơn vị này.")
    paper.add_paragraph(f"Dấu vân tay của bộ thu thập: {letter.fingerprint}")
    picture = io.BytesIO()
    _code(letter).save(picture, kind="png", scale=6)
    picture.seek(0)
    paper.add_picture(picture, width=Mm(30))
    last = "Thư này chứa mã bí mật: giữ kín, không chụp ảnh, không gửi qua thư điện tử; hủy sau khi dùng."
    paper.add_paragraph(f"{last} Hỗ trợ: {letter.help}." if letter.help else last)
    written = io.BytesIO()
    paper.save(written)
    return written.getvalue()


def pointer(letter: Letter) -> str:
    """What the printed QR code says: where to enrol and by which root to know it.

    Never the secret, which a passing camera would take along.
    """
    return f"giamsat {letter.address} root-spki-sha256 {letter.fingerprint.replace(' ', '')}"


def _steps(letter: Letter) -> tuple[str, ...]:
    return (
        (
            "Chép tệp giamsat-agent-….tar.gz được gửi kèm vào máy chủ (không cần Internet), giải nén: "
            "tar xf giamsat-agent-*.tar.gz, rồi vào thư mục vừa có: cd giamsat-agent-*/"
        ),
        f"Chạy lệnh: sudo sh install.sh --collector {letter.address}",
        "Khi được hỏi, gõ lần lượt bảy dòng mã dưới đây; mỗi dòng được kiểm tra ngay, sai dòng nào gõ lại dòng đó.",
        (
            f"Xem kết quả bằng: sudo giamsat-agent status. Máy đã cài sẵn thì chỉ cần chạy sudo giamsat-agent enrol "
            f"--collector {letter.address} và sudo systemctl enable --now giamsat-agent"
        ),
    )


def _code(letter: Letter) -> segno.QRCode:
    return segno.make(pointer(letter), error="m")


def _grouped(text: str) -> str:
    return " ".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))
