# SPDX-License-Identifier: Apache-2.0
"""A time server: whether it is synchronised, and how far this host's clock is from it (RFC 5905, 7.3 and 8).

Figures have the names of node_exporter's ntp collector. The server's packet is believed only when it repeats the
random time the question carried (RFC 8633, data minimisation).
"""

import secrets
import struct
from dataclasses import dataclass
from typing import Final

from giamsat_agent.address import split
from giamsat_agent.check import Run, WrongAnswerError
from giamsat_agent.check_settings import Ntp
from giamsat_agent.protocols.datagram import line

PORT: Final = 123
ASKED: Final = bytes([0b00_100_011])
"""Version 4, mode 3: a client."""
SERVER: Final = 4
UNSYNCHRONISED: Final = 3
STRATUM_MOST: Final = 15
ERA: Final = 1 << 32
EPOCH_S: Final = 2_208_988_800
"""1900 to 1970."""
_PACKET: Final = struct.Struct("!BBbbII4sQQQQ")


@dataclass(frozen=True, slots=True)
class Told:
    """What a server tells: seconds, times in UNIX seconds modulo 2^32."""

    leap: int
    stratum: int
    root_delay_s: float
    root_dispersion_s: float
    reference_s: float
    received_s: float
    sent_s: float
    refusal: str = ""


class NtpCheck:
    """Implements giamsat_agent.check.Check."""

    def __init__(self, its: Ntp) -> None:
        self._its = its

    async def run(self, run: Run) -> None:
        """Ask the time, and say how far ours is from it."""
        host, port = split(self._its.target, PORT)
        cookie = secrets.token_bytes(8)
        wall_s = began_ns = 0.0

        async with line(run, host, port) as there:
            wall_s, began_ns = run.clock.wall_ns() / 1e9, run.clock.mono_ns()
            told = await there.ask(ASKED + bytes(39) + cookie, lambda data: understand(data, cookie))
            spent_s = (run.clock.mono_ns() - began_ns) / 1e9
        run.set("node_ntp_stratum", told.stratum)
        run.set("node_ntp_leap", told.leap)
        run.set("node_ntp_root_delay_seconds", told.root_delay_s)
        run.set("node_ntp_root_dispersion_seconds", told.root_dispersion_s)
        run.set("node_ntp_reference_timestamp_seconds", told.reference_s)
        if told.leap == UNSYNCHRONISED or not 0 < told.stratum <= STRATUM_MOST:
            reason = f" ({told.refusal})" if told.refusal else ""
            raise WrongAnswerError(f"it is not synchronised itself: stratum {told.stratum}{reason}")
        # Half of what the way took is before the server read its clock, if both ways took as long.
        offset_s = _apart((told.received_s + told.sent_s) / 2, wall_s + spent_s / 2)
        run.set("node_ntp_rtt_seconds", round(spent_s - (told.sent_s - told.received_s), 6))
        run.set("node_ntp_offset_seconds", round(offset_s, 6))
        if told.stratum > self._its.stratum_most:
            raise WrongAnswerError(f"its stratum is {told.stratum}, more than {self._its.stratum_most}")


def understand(data: bytes, cookie: bytes) -> Told | None:
    """A server's packet; None when it is not one, or answers another question."""
    if len(data) < _PACKET.size:
        return None
    first, stratum, _, _, delay, dispersion, name, reference, origin, received, sent = _PACKET.unpack_from(data)
    if first & 0b111 != SERVER or origin.to_bytes(8, "big") != cookie:
        return None
    return Told(
        leap=first >> 6,
        stratum=stratum,
        root_delay_s=round(delay / 65_536, 6),
        root_dispersion_s=round(dispersion / 65_536, 6),
        reference_s=_unix(reference) if reference else 0.0,
        received_s=_unix(received),
        sent_s=_unix(sent),
        refusal=name.decode("ascii", "replace") if stratum == 0 and name.isalpha() else "",
    )


def _unix(stamp: int) -> float:
    return (stamp / ERA - EPOCH_S) % ERA


def _apart(theirs_s: float, ours_s: float) -> float:
    """How much further theirs is, whichever 136-year era it was told in."""
    return (theirs_s - ours_s + ERA / 2) % ERA - ERA / 2
