# SPDX-License-Identifier: Apache-2.0
"""What /proc/net says of sockets that wait for others, and /proc of the processes that hold them."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from giamsat_agent.address import plain

TABLE_BYTES: Final = 4 << 20
"""The most that is read of one table."""
LINKS_MOST: Final = 200_000
"""Open files of all processes that are looked at to find who holds a socket."""
COMMAND_BYTES: Final = 4 << 10
_CHUNK: Final = 64 << 10
_TCP_LISTEN: Final = "0A"
_UDP_UNCONNECTED: Final = "07"
_COLUMNS: Final = 10


@dataclass(frozen=True, slots=True)
class Listener:
    """An address somebody waits at."""

    transport: str
    ip: str
    port: int


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds a socket, as far as this user may know it."""

    pid: int
    name: str = ""
    executable: str = ""
    command_line: str = ""


def tcp(path: Path) -> Iterator[tuple[Listener, int]]:
    """The listening sockets of a /proc/net/tcp or tcp6, each with its inode.

    The kernel lists them before all connections (tcp_ipv4.c, tcp_seq_start), so reading ends at the first part
    without one: a busy server's table has many megabytes.
    """
    for lines in _parts(path):
        found = list(parse(lines, transport="tcp", state=_TCP_LISTEN))
        yield from found
        if not found:
            return


def udp(path: Path) -> Iterator[tuple[Listener, int]]:
    """The sockets of a /proc/net/udp or udp6 that take packets from anybody, each with its inode."""
    for lines in _parts(path):
        yield from parse(lines, transport="udp", state=_UDP_UNCONNECTED)


def parse(lines: list[str], *, transport: str, state: str) -> Iterator[tuple[Listener, int]]:
    """Sockets in `state` without a peer; lines that are no socket's are passed over."""
    for line in lines:
        columns = line.split(None, _COLUMNS)
        if len(columns) < _COLUMNS or columns[3] != state or columns[2].strip("0") not in {":", ""}:
            continue
        address, _, port = columns[1].partition(":")
        try:
            yield Listener(transport, decoded(address), int(port, 16)), int(columns[9])
        except ValueError:
            continue


def decoded(address: str) -> str:
    """An address of /proc/net: words of 32 bits as this machine keeps them in memory, in hexadecimal.

    Raises:
        ValueError: this is no address.
    """
    octets = bytes.fromhex(address)
    words = [octets[at : at + 4] for at in range(0, len(octets), 4)]
    octets = b"".join(word[::-1] for word in words) if sys.byteorder == "little" else octets
    if len(octets) == 4:  # noqa: PLR2004 - an IPv4 address
        return ".".join(map(str, octets))
    text = plain(":".join(octets[at : at + 2].hex() for at in range(0, len(octets), 2)))
    if text is None:
        raise ValueError(f"{address!r} is not an address")
    return text


def holders(proc: Path, inodes: frozenset[int]) -> dict[int, Holder]:
    """The first process found for each socket, by inode; those of other users only when the kernel shows them."""
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[int, Holder] = {}
    looked = 0
    for pid in _pids(proc):
        for target in _links(proc / pid / "fd"):
            looked += 1
            inode = wanted.get(target)
            if inode is not None and inode not in found:
                found[inode] = _holder(proc / pid, int(pid))
        if len(found) == len(wanted) or looked >= LINKS_MOST:
            break
    return found


def ephemeral_ports(proc: Path) -> range:
    """The ports the kernel gives to those who do not choose one."""
    try:
        first, last = (proc / "sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()
        return range(int(first), int(last) + 1)
    except (OSError, ValueError):
        return range(32_768, 61_000)  # the kernel's default


def _parts(path: Path) -> Iterator[list[str]]:
    """Whole lines of a table in parts of about _CHUNK, up to TABLE_BYTES."""
    with path.open("rb", buffering=0) as file:
        rest = b""
        left = TABLE_BYTES
        while left > 0 and (chunk := file.read(_CHUNK)):
            left -= len(chunk)
            whole, newline, tail = (rest + chunk).rpartition(b"\n")
            rest = tail
            if newline:
                yield whole.decode("ascii", "replace").splitlines()


def _pids(proc: Path) -> Iterator[str]:
    with os.scandir(proc) as entries:
        yield from (entry.name for entry in entries if entry.name.isdecimal())


def _links(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    yield os.readlink(entry.path)  # noqa: PTH115 - a Path for each of 200,000 links costs more than the call
                except OSError:
                    continue
    except OSError:
        return


def _holder(folder: Path, pid: int) -> Holder:
    try:
        executable = str((folder / "exe").readlink())
    except OSError:
        executable = ""
    command = _bytes(folder / "cmdline").rstrip(b"\0").replace(b"\0", b" ")
    return Holder(pid, _text(_bytes(folder / "comm").rstrip(b"\n")), executable, _text(command))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(COMMAND_BYTES)
    except OSError:
        return b""


def _text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")
