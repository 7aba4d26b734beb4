# SPDX-License-Identifier: Apache-2.0
"""What the page of lists of what is known to be evil prints."""

from dataclasses import dataclass

from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words
from giamsat_collector.indicators.lookup import Match
from giamsat_collector.indicators.rows import Listed
from giamsat_wire.clock import SECOND_NS


@dataclass(frozen=True, slots=True)
class ListRow:
    """One list. `old`: a newer one is due."""

    name: str
    source: str
    document: str
    standing: str
    entries: str
    brought: Moment
    age: str
    by: str
    period: str
    old: bool
    hits: str
    last_hit: Moment | None

    @classmethod
    def of(cls, listed: Listed, standing: int, reader: Reader) -> "ListRow":
        """A list of which so many entries count, as it looks to a reader."""
        renewed = listed.renewed_days
        return cls(
            name=words.visible(listed.name),
            source=words.visible(listed.source),
            document=words.visible(listed.document),
            standing=reader.number(standing),
            entries=reader.number(listed.entries),
            brought=reader.moment(listed.brought_ns),
            age=reader.age(listed.brought_ns),
            by=words.visible(listed.brought_by),
            period=reader.text("{count} ngày", count=renewed) if renewed else reader.text("không làm mới"),
            old=listed.overdue(reader.now_ns) > 1,
            hits=reader.number(listed.hits),
            last_hit=reader.moment(listed.last_hit_ns) if listed.last_hit_ns else None,
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """What the lists say of a value; `met` is empty when none holds it."""

    value: str
    met: str = ""
    lists: str = ""
    about: str = ""
    confidence: str = ""
    since: Moment | None = None
    until: Moment | None = None

    @classmethod
    def of(cls, value: str, match: Match | None, reader: Reader) -> "Checked":
        """A value and what it met."""
        if match is None:
            return cls(words.visible(value))
        entry = match.indicator
        return cls(
            value=words.visible(value),
            met=words.visible(entry.value),
            lists=words.visible(", ".join((match.about.name, *match.others))),
            about=words.visible(" · ".join(filter(None, (entry.source, entry.comment)))),
            confidence=reader.number(entry.confidence),
            since=reader.moment(entry.since * SECOND_NS),
            until=reader.moment(entry.until * SECOND_NS),
        )
