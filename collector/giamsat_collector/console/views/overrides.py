# SPDX-License-Identifier: Apache-2.0
"""What the register of overrides prints."""

from dataclasses import dataclass
from typing import Final

from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views import words
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.rulebook.register import Change, Entry, Force
from giamsat_rules.level import Declared
from giamsat_rules.override import Override, Scope
from giamsat_rules.standards import Standards

FORCES: Final = {
    Force.NOW: "đang áp dụng",
    Force.TO_COME: "chưa áp dụng",
    Force.OVER: "đã hết hạn",
    Force.NOBODY: "đối tượng chưa đăng ký",
}
"""How an override stands."""
SHOWN: Final = 50
"""Systems of one override that are named; how many there are is said."""
UNITS: Final = {
    "accounts": "tài khoản",
    "addresses": "địa chỉ",
    "attacks": "cuộc tấn công",
    "celsius": "°C",
    "changes": "lần đổi",
    "connections": "kết nối",
    "files": "tệp",
    "forms": "biểu mẫu",
    "hosts": "máy tính",
    "lines": "dòng",
    "logins": "lần đăng nhập",
    "mails": "thư",
    "packets/s": "gói/giây",
    "pages": "trang",
    "percent": "%",
    "periods": "chu kỳ",
    "ports": "cổng",
    "questions": "câu hỏi",
    "ratio": "(tỷ lệ)",
    "requests": "yêu cầu",
    "s": "giây",
    "times": "lần",
    "visits": "lượt",
}
"""What the packs count in; a unit of somebody's own pack is printed as it stands there."""
PLACES: Final = {Scope.UNIT: "Đơn vị", Scope.SYSTEM: "Hệ thống", Scope.ASSET: "Máy"}


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One thing an override changes: in words, by its name in the rules, from what to what, and in which direction."""

    title: str
    name: str
    before: str
    after: str
    direction: str
    weaker: bool | None


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """One override. Days are printed as they stand in the document."""

    force: str
    force_code: str
    place: str
    of: str
    of_name: str
    changes: tuple[ChangeRow, ...]
    document: str
    owner: str
    reason: str
    first: str
    last: str
    systems: str
    system_names: tuple[str, ...]
    name: str

    @classmethod
    def of_entry(cls, entry: Entry, standards: Standards, registry: Registry, reader: Reader) -> "OverrideRow":
        """An override as it looks to a reader."""
        one, declared = entry.override, _declared(standards)
        return cls(
            force=reader.text(FORCES[entry.force]),
            force_code=entry.force.value,
            place=reader.text(PLACES[one.scope]),
            of=words.visible(one.of),
            of_name=words.visible(_named(one, registry)),
            changes=tuple(_change(change, declared.get(change.step.name), reader) for change in entry.changes),
            document=words.visible(one.document),
            owner=words.visible(one.owner),
            reason=words.visible(one.reason),
            first=reader.day(one.first) if one.first else "—",
            last=reader.day(one.last),
            systems=reader.number(len(entry.systems)),
            system_names=tuple(words.visible(registry.systems[one].name) for one in entry.systems[:SHOWN]),
            name=words.visible(one.name),
        )


def _declared(standards: Standards) -> dict[str, Declared]:
    return {name: one for pack in standards.packs.values() for name, one in pack.declared.items()}


def _change(change: Change, declared: Declared | None, reader: Reader) -> ChangeRow:
    step = change.step
    if step.what == "set":
        title = reader.choice(declared.title.vi, declared.title.en) if declared else ""
    else:
        title = reader.text("Xét thêm quy tắc" if step.what == "include" else "Không xét quy tắc")
    return ChangeRow(
        title=title,
        name=words.visible(step.name),
        before=" / ".join(map(reader.amount, change.before)),
        after="" if step.value is None else f"{reader.amount(step.value)} {_unit(change.unit, reader)}",
        direction="" if change.weaker is None else reader.text("nới" if change.weaker else "siết"),
        weaker=change.weaker,
    )


def _unit(unit: str, reader: Reader) -> str:
    return reader.text(UNITS[unit]) if unit in UNITS else words.visible(unit)


def _named(one: Override, registry: Registry) -> str:
    match one.scope:
        case Scope.UNIT:
            return registry.named(one.of)
        case Scope.SYSTEM:
            return registry.systems[one.of].name if one.of in registry.systems else one.of
        case Scope.ASSET:
            return registry.placement(one.of).name
