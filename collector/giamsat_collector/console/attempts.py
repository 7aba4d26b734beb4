# SPDX-License-Identifier: Apache-2.0
"""How often somebody may try to log in. Decides only; an attempt is counted before the password is looked at."""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from giamsat_wire.clock import SECOND_NS

KEYS: Final = 10_000
"""Accounts and addresses remembered; the ones longest unused are forgotten first."""
FORGET_NS: Final = 15 * 60 * 1_000_000_000
_IPV6_SITE: Final = 64


@dataclass(frozen=True, slots=True)
class Patience:
    """How many attempts are free, and the longest wait (seconds) the doubling delay after them grows to."""

    free: int
    longest_s: int


ACCOUNT: Final = Patience(free=5, longest_s=30)
"""The wait stays short: a stranger who tries a name must not lock its owner out."""
ADDRESS: Final = Patience(free=20, longest_s=900)
"""Many analysts may share one address."""


@dataclass(slots=True)
class _Record:
    attempts: int = 0
    last_ns: int = 0
    free_again_ns: int = 0


class Attempts:
    """Counts attempts per account and per address, and makes each further one wait twice as long.

    Times are monotonic: a clock that is set back must not make anybody wait until it is where it was.
    """

    def __init__(self) -> None:
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def take(self, account: str, address: str, now_ns: int) -> int:
        """0 and the attempt is counted; or the seconds to wait, and nothing is."""
        keys = ((_account(account), ACCOUNT), (_site(address), ADDRESS))
        records = [(self._record(key, now_ns), patience) for key, patience in keys]
        wait_ns = max(record.free_again_ns - now_ns for record, _ in records)
        if wait_ns > 0:
            return -(-wait_ns // SECOND_NS)
        for record, patience in records:
            record.attempts += 1
            record.last_ns = now_ns
            if record.attempts >= patience.free:
                doubled = 1 << min(record.attempts - patience.free, 20)
                record.free_again_ns = now_ns + min(doubled, patience.longest_s) * SECOND_NS
        return 0

    def succeeded(self, account: str) -> None:
        """Somebody logged in: what was tried with this account before counts no more. Its address keeps its count."""
        self._records.pop(_account(account), None)

    def _record(self, key: str, now_ns: int) -> _Record:
        record = self._records.pop(key, None)
        if record is None or now_ns - record.last_ns > FORGET_NS + max(0, record.free_again_ns - record.last_ns):
            record = _Record(last_ns=now_ns)
        self._records[key] = record
        while len(self._records) > KEYS:
            self._records.popitem(last=False)
        return record


def _account(name: str) -> str:
    return f"account {name.strip().lower()[:64]}"


def _site(address: str) -> str:
    """An IPv4 address, or the /64 an IPv6 address can be chosen from at will."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "address unknown"
    if known.version == 6:  # noqa: PLR2004 - of the Internet protocol
        return f"address {ipaddress.ip_network((known, _IPV6_SITE), strict=False)}"
    return f"address {known}"
