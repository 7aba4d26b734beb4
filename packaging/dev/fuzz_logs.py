# SPDX-License-Identifier: Apache-2.0
"""Logs for the fuzzer: lines of every product the tests hold, whole files of them, and how they are read."""

import io
import tomllib
from datetime import UTC
from pathlib import Path
from typing import Final

from giamsat_agent.logs.syslog_frames import SyslogFrames
from giamsat_agent.parsers import reading
from giamsat_agent.parsers.reading import Reading
from giamsat_wire.clock import SystemClock

SAMPLES: Final = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "logs"
FILE_LINES: Final = 12
"""Lines of one file, so that one run takes a moment."""
_W3C: Final = b"""#Software: IIS\r
#Fields: date time c-ip cs-method cs-uri-stem sc-status\r
2026-11-23 16:00:00 203.0.113.9 GET /a 404\r
"""
_ZEEK: Final = b"""#path\tconn
#fields\tts\tid.orig_h\tid.resp_h\tproto
#types\ttime\taddr\taddr\tenum
1795449600.0\t203.0.113.9\t192.0.2.5\ttcp
"""
TABLES: Final = (_W3C, _ZEEK)
"""Files that name their columns."""
WIDE: Final = "2026-11-23 16:00:00.45 Logon  Login failed for user 'sa'. Reason: x. [CLIENT: 203.0.113.9]\r\n"
"""What SQL Server writes in UTF-16."""


def lines() -> tuple[bytes, ...]:
    """Every line the tests hold."""
    said = (tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(SAMPLES.glob("*.toml")))
    return tuple(str(case["line"]).encode() for cases in said for case in cases.values())


def files() -> tuple[bytes, ...]:
    """The lines as files, files that name their columns, and one of UTF-16."""
    every = lines()
    parts = (every[at : at + FILE_LINES] for at in range(0, len(every), FILE_LINES))
    return (*(b"\n".join(part) + b"\n" for part in parts), *TABLES, WIDE.encode("utf-16"))


def read(data: bytes) -> list[Reading]:
    """What `logs read` prints of a file."""
    return list(reading.read_lines(io.BytesIO(data), zone=UTC, clock=SystemClock()))


def framed(data: bytes) -> object:
    """The messages of a stream of syslog that comes in two pieces."""
    frames = SyslogFrames()
    return [*frames.feed(data[: len(data) // 2]), *frames.feed(data[len(data) // 2 :]), frames.rest()]
