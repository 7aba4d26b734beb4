# SPDX-License-Identifier: Apache-2.0
"""Everything a report of a period is made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from giamsat_collector.availability.months import Months
from giamsat_collector.coverage.declared import Declaration
from giamsat_collector.incidents.as_of import Stood
from giamsat_collector.reports.figures import Figures
from giamsat_rules.obligation import Obligation


@dataclass(frozen=True, slots=True)
class Said:
    """Figures, how systems stood at its end and how available they were, what obligations are called, incidents."""

    figures: Figures
    declaration: Declaration | None
    available: Months
    obligations: Mapping[str, Obligation]
    incidents: tuple[Stood, ...] = ()
