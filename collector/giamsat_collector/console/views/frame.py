# SPDX-License-Identifier: Apache-2.0
"""What stands around every page: title line, navigation, language, who is logged in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from giamsat_collector.console.language import Language
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.role import Role
from giamsat_collector.console.sessions import Session

_COVERAGE: Final = ("/coverage", "/availability", "/sources")


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that may be the place where the reader is."""

    text: str
    address: str
    code: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of a page. `user` is empty for somebody who is not logged in, and then there is no navigation."""

    language: str
    languages: tuple[Choice, ...]
    pages: tuple[Choice, ...]
    user: str
    role: Role | None
    csrf: str
    address: str
    now: str
    now_utc: str

    @classmethod
    def of(
        cls,
        path: str,
        query: Sequence[tuple[str, str]],
        visitor: Session | None,
        reader: Reader,
        languages: Sequence[Language],
    ) -> "Frame":
        """The frame around the page at an address."""
        kept = [(name, value) for name, value in query if name not in {"lang", "as_of", "done"}]
        now = reader.moment(reader.now_ns)
        inside = visitor is not None and not visitor.must_choose
        pages = (
            Choice(reader.text("Cảnh báo"), "/alerts", current=path.startswith("/alerts")),
            Choice(reader.text("Sự cố"), "/incidents", current=path.startswith("/incidents")),
            Choice(reader.text("Giao ca"), "/handover", current=path.startswith("/handover")),
            Choice(reader.text("Máy chủ"), "/hosts", current=path.startswith(("/hosts", "/units", "/tokens"))),
            Choice(reader.text("Máy trong mạng"), "/sightings", current=path.startswith("/sightings")),
            Choice(reader.text("Luồng dữ liệu"), "/flows", current=path.startswith(("/flows", "/indicators"))),
            Choice(reader.text("Độ phủ"), "/coverage", current=path.startswith(_COVERAGE)),
            Choice(reader.text("Tạm ẩn"), "/suppressions", current=path.startswith(("/suppressions", "/overrides"))),
        )
        return cls(
            language=reader.language.code,
            languages=tuple(
                Choice(one.name, at(path, [*kept, ("lang", one.code)]), one.code, one.code == reader.language.code)
                for one in languages
            ),
            pages=pages if inside else (),
            user=visitor.user if visitor else "",
            role=visitor.role if visitor else None,
            csrf=visitor.csrf if visitor else "",
            address=at(path, kept),
            now=now.local,
            now_utc=now.utc,
        )

    def may(self, route: str) -> bool:
        """Whether the reader may send a form to a route: a form that would be refused is not shown."""
        return self.role is not None and self.role.may(route)


def at(path: str, query: Sequence[tuple[str, str]]) -> str:
    """An address with its query."""
    return f"{path}?{urlencode(query)}" if query else path
