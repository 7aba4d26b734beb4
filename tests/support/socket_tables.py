# SPDX-License-Identifier: Apache-2.0
"""The tables of /proc/net as this machine's kernel would write them for given sockets."""

import ipaddress
import sys

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTEN, ESTABLISHED, UNCONNECTED = "0A", "01", "07"


def address(text):
    """An address as /proc/net writes it."""
    octets = ipaddress.ip_address(text).packed
    words = [octets[at : at + 4] for at in range(0, len(octets), 4)]
    return b"".join(word[::-1] if sys.byteorder == "little" else word for word in words).hex().upper()


def table(*sockets):
    """A table of sockets (ip, port, state, inode)."""
    rows = []
    for number, (ip, port, state, inode) in enumerate(sockets):
        nobody = "0" * len(address(ip))
        remote = f"{address(ip)}:1F90" if state == ESTABLISHED else f"{nobody}:0000"
        rows.append(
            f"{number:4}: {address(ip)}:{port:04X} {remote} {state} 00000000:00000000 00:00000000 00000000"
            f"     0        0 {inode} 1 0000000000000000 100 0 0 10 0\n"
        )
    return HEAD + "".join(rows)
