# SPDX-License-Identifier: Apache-2.0
"""The contract of a way to tell people, or other systems, of alerts: `notifiers/` has one file for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from giamsat_collector.alerts.alert import Alert
from giamsat_collector.errors import CollectorError
from giamsat_collector.notify_settings import What


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell: `at_ns` (UNIX nanoseconds) is when it came to be; names are those of the registry."""

    number: int
    what: What
    at_ns: int
    alert: Alert
    host: str
    unit: str
    address: str
    """Where the console shows the alert."""


class NotToldError(CollectorError):
    """It did not arrive; the same notices are told again later. The message names the cause and the remedy."""


class Notifier(Protocol):
    """Tells; called from a thread of its own, so it may wait for the other end for as long as its time limit."""

    def tell(self, notices: Sequence[Notice]) -> None:
        """Tell what happened, oldest first. After a fault it is given the same notices again: they may come twice.

        Raises:
            NotToldError: the other end did not take them.
        """
        ...
