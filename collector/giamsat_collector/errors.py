# SPDX-License-Identifier: Apache-2.0
"""What can go wrong in the collector.

CollectorError
├ ConfigError     the configuration is refused; nothing was started
├ StartError      something this host must provide is missing: a port, a folder, a free disk
├ StoreError      rows cannot be written or read now; what was not acknowledged will come again
└ RefusedError    a person or an agent asked for something that is not allowed; says what is
  └ UnknownError  what was asked for is not there
"""

from typing import Final

from giamsat_collector.sentence import sentence


class CollectorError(Exception):
    """Anything the collector reports by itself; the message says what was wrong, where, and what to do.

    `values` fill in the {names} of the sentence that says so.
    """

    def __init__(self, why: str, /, **values: object) -> None:
        self.why: Final = sentence(why, **values)
        super().__init__(self.why)


class ConfigError(CollectorError):
    """The configuration is refused."""


class StartError(CollectorError):
    """The collector cannot start on this host as it is."""


class StoreError(CollectorError):
    """The database cannot be written or read; trying again later may help."""


class RefusedError(CollectorError):
    """A request that is understood and not allowed."""


class UnknownError(RefusedError):
    """There is nothing by the name that somebody asked for."""
