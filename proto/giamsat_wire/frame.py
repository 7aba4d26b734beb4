# SPDX-License-Identifier: Apache-2.0
"""The header and checksum of a frame, the same in the spool and on the wire.

header := 'GS' u8 flags  u8 lane  u32 length  u64 seq, little endian; the checksum is CRC-32 over header and payload.
"""

import struct
import zlib
from typing import Final

MAGIC: Final = b"GS"
HEADER: Final = struct.Struct("<2sBBIQ")


def checksum(*, flags: int, lane: int, seq: int, payload: bytes) -> int:
    """CRC-32 of a frame, as the agent's spool wrote it and the collector verifies it."""
    return zlib.crc32(payload, zlib.crc32(HEADER.pack(MAGIC, flags, lane, len(payload), seq)))
