# SPDX-License-Identifier: Apache-2.0
"""Which reader a capture file needs: told by its first bytes, whatever its name; gzip around it is opened."""

import contextlib
import gzip
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import Final

from giamsat_agent.packets.chunk import Source
from giamsat_agent.packets.errors import CaptureError
from giamsat_agent.packets.sources import pcap, pcapng

GZIP: Final = b"\x1f\x8b"


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Source]:
    """A capture file as a source of frames.

    Raises:
        CaptureError: it cannot be opened, or is no capture.
    """
    with contextlib.ExitStack() as stack:
        try:
            file: BufferedIOBase = stack.enter_context(path.open("rb"))
            magic = file.read(4)
            file.seek(0)
            if magic[:2] == GZIP:
                file = stack.enter_context(gzip.GzipFile(fileobj=file))
                magic = file.read(4)
                file.seek(0)
        except OSError as error:
            raise CaptureError(
                f"{path}: không đọc được; xin chỉ tệp pcap hoặc pcapng / "
                f"cannot be read: {error.strerror or error}; give a pcap or pcapng file"
            ) from error
        yield _reader(path, magic, file)


def _reader(path: Path, magic: bytes, file: BufferedIOBase) -> Source:
    if magic in pcap.MAGIC:
        return pcap.Pcap(file)
    if magic == pcapng.MAGIC:
        return pcapng.PcapNg(file)
    raise CaptureError(
        f"{path}: không phải tệp bắt gói; xin chỉ tệp pcap hoặc pcapng / "
        f"this is no capture (it begins with {magic.hex() or 'nothing'}); give a pcap or pcapng file"
    )
