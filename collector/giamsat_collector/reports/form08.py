# SPDX-License-Identifier: Apache-2.0
"""Form 08 of Decree 331/2026/NĐ-CP: how an owner's systems stand with their level, dossier, measures and assessment.

The registry knows a system, its unit and its level. The rest stands in the dossier of the level, which people keep:
what a dossier file says is printed, what nobody said is left blank.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector.registry import sheet
from giamsat_collector.registry.record import System
from giamsat_collector.registry.sheet import CellError, Problem, Row
from giamsat_collector.reports.document import TO_FILL, Paper, Part, Table
from giamsat_collector.reports.overrides import Eased

APPROVALS: Final = ("Đang dự thảo", "Đã gửi thẩm định", "Đã thẩm định", "Đã được phê duyệt")
DEPLOYMENTS: Final = ("Chưa triển khai", "Đã triển khai một số hạng mục", "Đã triển khai đầy đủ")
ASSESSMENTS: Final = ("Trước khi đưa vào sử dụng", "Định kỳ", "Trước khi đưa vào sử dụng; Định kỳ")
COLUMNS: Final = (
    "owner",
    "approval",
    "decision",
    "regulation",
    "expected_approval",
    "deployment",
    "expected_deployment",
    "assessment",
)
HEADS: Final = (
    "STT",
    "Tên HTTT",
    "Chủ quản HTTT",
    "Đơn vị vận hành HTTT",
    "Cấp độ đề xuất",
    "Tình trạng phê duyệt cấp độ",
    "Quyết định phê duyệt cấp độ",
    "Quy chế bảo đảm ANM cho hệ thống",
    "Dự kiến thời điểm phê duyệt HSĐXCĐ",
    "Đã triển khai đầy đủ PA BĐANM",
    "Dự kiến thời điểm triển khai đầy đủ PA BĐANM",
    "Đã kiểm tra, đánh giá ANM",
)
WIDTHS: Final = (13, 36, 24, 30, 13, 20, 22, 22, 22, 20, 20, 15)
NOTES: Final = (
    (
        "Ghi chú: Ô để trống và dấu “…” là thông tin của hồ sơ cấp độ mà hệ thống giám sát không có; đề nghị bổ sung "
        "trước khi ký. Cột (4) là đơn vị được đăng ký của hệ thống; cột (5) là cấp độ đang áp dụng để giám sát."
    ),
    "Cột (10), (11) thuộc toàn bộ phương án bảo đảm an ninh mạng theo cấp độ, không suy ra từ số liệu giám sát.",
)
EASED: Final = 20
"""Overrides that are named below the form; of more the number is said."""
MOST: Final = 300
"""Characters of a cell of a dossier."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """What a person says of a system's dossier; empty is not said."""

    id: str
    owner: str = ""
    approval: str = ""
    decision: str = ""
    regulation: str = ""
    expected_approval: str = ""
    deployment: str = ""
    expected_deployment: str = ""
    assessment: str = ""


def read(data: bytes, file: str, systems: Mapping[str, System]) -> tuple[dict[str, Dossier], tuple[Problem, ...]]:
    """Dossiers out of a CSV file: id, and any of COLUMNS."""
    found = sheet.read(data, file, ("id",), COLUMNS)
    dossiers: dict[str, Dossier] = {}
    problems = list(found.problems)
    for line, row in found.lines:
        try:
            dossiers[row["id"]] = _dossier(row, systems)
        except CellError as refused:
            problems.append(Problem(file, line, refused.field, refused.text))
    return dossiers, tuple(sorted(problems, key=lambda problem: problem.line))


def compose(
    systems: Sequence[System],
    unit_names: Mapping[str, str],
    dossiers: Mapping[str, Dossier],
    *,
    eased: Sequence[Eased] = (),
    as_of: str,
    agency: str,
) -> Paper:
    """The form for these systems as they stood on a day, and who signed for some to be watched by less."""
    ordered = sorted(systems, key=lambda one: (-one.level, unit_names.get(one.unit, one.unit).casefold(), one.id))
    said = [dossiers.get(one.id) or Dossier(one.id) for one in ordered]
    rows = tuple(
        (
            number,
            system.name,
            one.owner or None,
            unit_names.get(system.unit, system.unit),
            system.level,
            one.approval or None,
            one.decision or None,
            one.regulation or None,
            one.expected_approval or None,
            one.deployment or None,
            one.expected_deployment or None,
            one.assessment or None,
        )
        for number, (system, one) in enumerate(zip(ordered, said, strict=True), 1)
    )
    return Paper(
        form="Mẫu số 08",
        agency=agency or "(CHỦ QUẢN HỆ THỐNG THÔNG TIN)",
        about="kết quả công tác bảo đảm an ninh mạng hệ thống thông tin",
        title=f"KẾT QUẢ CÔNG TÁC BẢO ĐẢM AN NINH MẠNG HỆ THỐNG THÔNG TIN (số liệu đến ngày {as_of})",
        to="(Đơn vị chuyên trách về an ninh mạng/Lực lượng chuyên trách về an ninh mạng)",
        parts=(
            Part("1. Thông tin chung", _totals(said)),
            Part(
                "2. Thông tin về chủ quản hệ thống thông tin và đơn vị chuyên trách về an ninh mạng",
                (
                    *_about("a) Thông tin về chủ quản hệ thống thông tin:", "chủ quản hệ thống thông tin"),
                    *_about(
                        "b) Thông tin về đơn vị chuyên trách về an ninh mạng:", "đơn vị chuyên trách về an ninh mạng"
                    ),
                ),
            ),
            Part(
                "3. Thông tin chi tiết về các hệ thống thông tin thuộc phạm vi quản lý",
                table=Table(HEADS, rows, WIDTHS, numbered=True),
            ),
        ),
        notes=(*NOTES, *_eased(eased, ordered)),
        signer=("ĐẠI DIỆN CỦA CƠ QUAN, TỔ CHỨC", "(Ký, ghi rõ họ tên, chức danh và đóng dấu)"),
    )


def _eased(eased: Sequence[Eased], systems: Sequence[System]) -> Iterator[str]:
    """One line for all of them; the form itself has no column for it."""
    names = {one.id: one.name for one in systems}
    said = [
        f"{names[one.system]}: {one.document}, đến hết ngày {one.last:%d/%m/%Y}" for one in eased if one.system in names
    ]
    if said:
        more = f"; và {len(said) - EASED} trường hợp khác" if len(said) > EASED else ""
        yield f"Ngoại lệ có thời hạn, được giám sát bằng ngưỡng thấp hơn cấp độ: {'; '.join(said[:EASED])}{more}."


def _dossier(row: Row, systems: Mapping[str, System]) -> Dossier:
    sheet.known(row, "id", systems, "'giamsat-collector registry systems' shows those there are")
    for field, allowed in (("approval", APPROVALS), ("deployment", DEPLOYMENTS), ("assessment", ASSESSMENTS)):
        if row.get(field):
            sheet.one_of(row, field, allowed)
    return Dossier(row["id"], **{field: sheet.short(row, field, MOST) for field in COLUMNS})


def _totals(said: Sequence[Dossier]) -> tuple[str, ...]:
    """The seven totals; those of dossiers only when somebody said something of them."""
    known = [one for one in said if one.approval]
    approved = [one for one in known if one.approval == APPROVALS[3]]
    texts = (
        (len(said), "thuộc phạm vi quản lý"),
        (None, "đã được phân loại (đã xác định được loại hình hệ thống thông tin)"),
        (sum(one.approval != APPROVALS[0] for one in known), "đã xây dựng hồ sơ đề xuất cấp độ"),
        (sum(one.approval in APPROVALS[2:] for one in known), "đã được thẩm định hồ sơ đề xuất cấp độ"),
        (len(approved), "đã được phê duyệt cấp độ"),
        (
            sum(one.assessment.endswith("Định kỳ") for one in approved),
            "đã phê duyệt cấp độ được kiểm tra, đánh giá an ninh mạng định kỳ theo quy định",
        ),
    )
    lines = [
        f"- Tổng số hệ thống thông tin {what}: {TO_FILL if number is None or (position and not known) else number};"
        for position, (number, what) in enumerate(texts)
    ]
    when = "đã hoàn thành" if said and len(approved) == len(said) else TO_FILL
    lines.append(
        "- Dự kiến thời gian hoàn thành phê duyệt đề xuất cấp độ hệ thống thông tin đối với tất cả các hệ thống thông "
        f"tin thuộc phạm vi quản lý: {when}"
    )
    if known and len(known) < len(said):
        lines.append(f"(Các tổng số về hồ sơ tính trên {len(known)}/{len(said)} hệ thống có thông tin hồ sơ.)")
    return tuple(lines)


def _about(heading: str, who: str) -> tuple[str, ...]:
    return (
        heading,
        f"(1) Tên {who}: {TO_FILL}",
        f"(2) Quy định chức năng, nhiệm vụ và quyền hạn: {TO_FILL}",
        f"(3) Người đại diện, chức vụ: {TO_FILL}",
        f"(4) Địa chỉ liên lạc: {TO_FILL}",
        f"(5) Thông tin liên hệ (số điện thoại, thư điện tử): {TO_FILL}",
    )
