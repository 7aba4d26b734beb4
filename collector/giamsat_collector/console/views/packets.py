# SPDX-License-Identifier: Apache-2.0
"""What the page of an alert prints of the packets behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from giamsat_collector.alerts.evidence import Evidence
from giamsat_collector.console.reader import Moment, Reader
from giamsat_collector.console.views import words

SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A packet, as the dissector of the host names it."""

    at: Moment
    interface: str
    text: str


@dataclass(frozen=True, slots=True)
class PacketsView:
    """The packets behind an alert: files to download (address, name), the first of them line by line, how many."""

    files: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    note: str

    @classmethod
    def of(cls, alert_id: str, found: Sequence[Evidence], reader: Reader) -> "PacketsView | None":
        """What is kept for an alert; None when nothing is."""
        if not found:
            return None
        said = {
            frame: (one.interface, line)
            for one in found
            for frame, line in zip(one.capture.frames, one.lines, strict=False)
        }
        kinds = tuple(dict.fromkeys(one.capture.link_type for one in found))
        whole = len({frame for one in found for frame in one.capture.frames})
        return cls(
            files=tuple(
                (f"/alerts/{alert_id}/packets-{kind}.pcap", _name(alert_id, kind, len(kinds))) for kind in kinds
            ),
            lines=tuple(
                Line(reader.moment(frame.at_ns), words.visible(interface), words.visible(text))
                for frame, (interface, text) in sorted(said.items())[:SHOWN]
            ),
            note=reader.text("{number} gói tin mà bộ phát hiện đã thấy.", count=whole, number=reader.number(whole)),
        )


def _name(alert_id: str, link_type: int, kinds: int) -> str:
    return f"giamsat-{alert_id}.pcap" + (f" ({link_type})" if kinds > 1 else "")
