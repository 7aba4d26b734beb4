# SPDX-License-Identifier: Apache-2.0
"""The helper that says in a line what each frame of a small capture is: `python -m giamsat_agent.packets.dissection`.

It is a process of its own because scapy is slow, large, and reads hostile bytes: its memory and time are bounded, it
may write no file, and whatever happens to it, the capture goes on. On its standard input is a socket: a capture in, a
JSON list of lines out. It ends when nobody asked for IDLE_S.
"""

import json
import resource
import signal
import socket
import struct
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Final

MEMORY_BYTES: Final = 256 << 20
"""Of addresses; about 60 MB of it become memory."""
SECONDS: Final = 5
IDLE_S: Final = 60.0
REQUEST_BYTES: Final = 64 << 10
LINE: Final = 240
_HEADER: Final = struct.Struct("<IHHiIII")
_RECORD: Final = struct.Struct("<IIII")


def main() -> None:
    """Answer until nobody asks any more."""
    for limit, most in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (most, most))
    dissect = _layers()
    with socket.socket(fileno=0) as line:
        line.settimeout(IDLE_S)
        while asked := _asked(line):
            signal.alarm(SECONDS)  # the signal's default is to end the process
            line.sendall(json.dumps([said(dissect, *frame) for frame in frames(asked)]).encode())
            signal.alarm(0)


def _asked(line: socket.socket) -> bytes:
    try:
        return line.recv(REQUEST_BYTES + 1)
    except OSError:
        return b""


def frames(pcap: bytes) -> Iterator[tuple[int, bytes]]:
    """Link type and bytes of every whole frame of a capture in the form of `evidence.as_pcap`."""
    if len(pcap) < _HEADER.size:
        return
    link_type, here = _HEADER.unpack_from(pcap)[6], _HEADER.size
    while here + _RECORD.size <= len(pcap):
        length = _RECORD.unpack_from(pcap, here)[2]
        here += _RECORD.size
        yield link_type, pcap[here : here + length]
        here += length


def said(dissect: Callable[[int, bytes], str], link_type: int, frame: bytes) -> str:
    """One line about a frame: printable, short, and there whatever the frame does to the dissector."""
    try:
        text = dissect(link_type, frame)
    except Exception as error:  # noqa: BLE001 - scapy raises anything; the next frame is to be looked at all the same
        text = f"{len(frame)} bytes that cannot be dissected ({type(error).__name__})"
    return "".join(one if one.isprintable() else "·" for one in text[:LINE])


def _layers() -> Callable[[int, bytes], str]:
    """What scapy says of a frame; its parts are loaded here and not before."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it announces algorithms that cryptography will drop
        from scapy.config import conf  # noqa: PLC0415 - a second and 50 MB, which only this process pays
        from scapy.layers import dhcp, dns, inet, inet6, l2, llmnr  # noqa: F401, PLC0415 - some for what they add
    for field in ("sport", "dport"):
        conf.noenum.add(getattr(inet.TCP, field), getattr(inet.UDP, field))
    kinds: dict[int, Any] = {1: l2.Ether, 113: l2.CookedLinux, 228: inet.IP, 229: inet6.IPv6}

    def dissect(link_type: int, frame: bytes) -> str:
        kind = kinds.get(link_type)
        if kind is None:
            kind = inet6.IPv6 if frame[:1] and frame[0] >> 4 == 6 else inet.IP  # noqa: PLR2004 - IP versions
        return str(kind(frame).summary())

    return dissect


if __name__ == "__main__":
    main()
