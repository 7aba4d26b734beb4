# SPDX-License-Identifier: Apache-2.0
"""Datagrams that nobody answers, by design: calls, cameras, television, logs and flow records."""

from typing import Final

import numpy as np

from giamsat_agent.packets.batch import Mask, Words

_FLOWS: Final = np.array([0x0500, 0x0900, 0x0A00], np.uint32)
_SFLOW: Final = 0x05000000
"""Versions as they stand at the beginning, in the order of the wire."""


def is_streamed(opening: Words) -> Mask:
    """Which datagrams begin as RTP (RFC 3550), MPEG-TS, syslog (RFC 5424), NetFlow 5 and 9, IPFIX or sFlow do."""
    first, second = opening & 0xFF, opening >> np.uint32(8) & 0x7F
    rtp = ((first & 0xC0) == 0x80) & ((second < 35) | (second >= 96))  # noqa: PLR2004 - payload types, RFC 3551
    flows = np.isin(opening & 0xFFFF, _FLOWS) | (opening == _SFLOW)
    streamed: Mask = rtp | (first == 0x47) | (first == ord("<")) | flows  # noqa: PLR2004 - the sync byte of MPEG-TS
    return streamed
