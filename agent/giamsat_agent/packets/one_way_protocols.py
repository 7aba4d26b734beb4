# SPDX-License-Identifier: Apache-2.0
"""Datagrams that nobody answers, by design, told by the form of each: calls, cameras, television, logs, flows."""

from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Numbers
from giamsat_agent.packets.columns.batch import Mask
from giamsat_agent.packets.columns.openings import Words

TS: Final = 188
"""Bytes of a packet of MPEG-TS (ISO/IEC 13818-1): a datagram holds whole ones."""
_SYNC: Final = 0x47
_NETFLOW_5, _NETFLOW_9, _IPFIX, _SFLOW = 5, 9, 10, 5
_RECORDS: Final = 30
_DIGIT: Final = np.isin(np.arange(256), np.frombuffer(b"0123456789", np.uint8))


def is_rtp(opening: Words) -> Mask:
    """Which begin as RTP does (RFC 3550): version 2 and a payload type that RFC 3551 leaves to it."""
    kind = _byte(opening, 1) & 0x7F
    found: Mask = ((opening & 0xC0) == 0x80) & ((kind < 35) | (kind >= 96))  # noqa: PLR2004 - RFC 3551, RFC 5761
    return found


def is_television(opening: Words, payload: Numbers) -> Mask:
    """Which are whole packets of MPEG-TS."""
    found: Mask = (_byte(opening, 0) == _SYNC) & (payload % TS == 0) & ((_byte(opening, 3) & 0x30) != 0)
    return found


def is_record(opening: Words, payload: Numbers) -> Mask:
    """Which are logs (RFC 5424, RFC 3164), or NetFlow 5 and 9, IPFIX (RFC 7011) or sFlow 5 of the length they claim."""
    second, third, fourth = (_byte(opening, place) for place in (1, 2, 3))
    closes = third == ord(">")
    log = (_byte(opening, 0) == ord("<")) & _DIGIT[second] & (closes | (_DIGIT[third] & _ends(fourth)))
    version, number = opening.byteswap() >> np.uint32(16), third << 8 | fourth
    five = (version == _NETFLOW_5) & (number > 0) & (number <= _RECORDS) & (payload == 24 + 48 * number)
    nine = (version == _NETFLOW_9) & (number > 0) & (payload >= 24)  # noqa: PLR2004 - RFC 3954: header and a set's
    ipfix = (version == _IPFIX) & (number == payload)
    found: Mask = log | five | nine | ipfix | ((opening.byteswap() == _SFLOW) & (payload >= 28))  # noqa: PLR2004
    return found


def counted(opening: Words) -> Numbers:
    """What the datagrams of a stream count up: the sequence number of RTP, or the counter of MPEG-TS and before it."""
    return _byte(opening, 2) << 8 | _byte(opening, 3)


def _ends(letters: Numbers) -> Mask:
    found: Mask = _DIGIT[letters] | (letters == ord(">"))
    return found


def _byte(opening: Words, place: int) -> Numbers:
    return (opening >> np.uint32(8 * place) & np.uint32(0xFF)).astype(np.int64)
