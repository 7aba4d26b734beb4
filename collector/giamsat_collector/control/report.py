# SPDX-License-Identifier: Apache-2.0
"""Reports for the command line: files as base64."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from giamsat_collector.control.server import Command
from giamsat_collector.reports.generator import Reports, Wanted


@dataclass(frozen=True, slots=True)
class ReportCommands:
    """Commands of the administration socket about reports."""

    reports: Reports

    def commands(self) -> Mapping[str, Command]:
        """Every command by name."""
        return {
            "report.form08": self.form08,
            "report.monitoring": self.monitoring,
            "report.unit": self.unit,
            "report.incident": self.incident,
            "report.stix": self.bundle,
        }

    async def form08(
        self, format_: str, as_of: str = "", agency: str = "", dossiers: dict[str, str] | None = None
    ) -> str:
        """Form 08. The bytes of the dossier file come as Latin-1 text."""
        given = (dossiers["name"], dossiers["text"].encode("latin-1")) if dossiers else None
        return _text(await self.reports.form08(as_of, given, Wanted(format_, agency=agency)))

    async def monitoring(self, format_: str, half: str, units: str = "then", agency: str = "") -> str:
        """The report on half a year."""
        return _text(await self.reports.monitoring(half, Wanted(format_, units, agency)))

    async def unit(self, format_: str, unit: str, month: str, units: str = "then", agency: str = "") -> str:
        """The report for a unit on a month."""
        return _text(await self.reports.unit(unit, month, Wanted(format_, units, agency)))

    async def incident(self, format_: str, number: int, report: str, agency: str = "") -> str:
        """A report on an incident."""
        return _text(await self.reports.incident(number, report, format_, agency))

    async def bundle(self, number: int) -> str:
        """An incident as a bundle of STIX 2.1."""
        return _text(await self.reports.bundle(number))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
