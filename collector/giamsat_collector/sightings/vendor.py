# SPDX-License-Identifier: Apache-2.0
"""Who made a network card, by the first three bytes of its address (IEEE MA-L assignments).

The few that units have most often stand here; where the machine has the whole register (packages ieee-data, nmap,
wireshark), that is read as well. An address that says it was made up locally names nobody.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

REGISTERS: Final = (
    Path("/usr/share/ieee-data/oui.txt"),
    Path("/var/lib/ieee-data/oui.txt"),
    Path("/usr/share/nmap/nmap-mac-prefixes"),
    Path("/usr/share/wireshark/manuf"),
)
BYTES: Final = 32 << 20
RANDOM: Final = "random"
"""In place of a name: the address is of the host's own making (a phone's privacy, a container)."""
_LINE: Final = re.compile(
    r"^([0-9A-Fa-f]{2})[-:]?([0-9A-Fa-f]{2})[-:]?([0-9A-Fa-f]{2})[ \t]+(?:\(hex\)[ \t]+)?([^(\s][^\t\n]*)", re.MULTILINE
)
_NAMES: Final = {
    "VMware": "005056 000c29 000569",
    "VirtualBox": "080027",
    "QEMU": "525400",
    "Microsoft Hyper-V": "00155d",
    "Xen": "00163e",
    "Raspberry Pi": "b827eb dca632 e45f01",
    "HP": "3cd92b 001f29 9c8e99 3c4a92 ecb1d7",
    "Dell": "f8bc12 001e4f b8ca3a",
    "Lenovo (LCFC)": "c85b76 8c1645 28d244",
    "Gigabyte": "fcaa14 1c1b0d",
    "ASUS": "107b44 04d4c4",
    "MSI": "00d861",
    "ECS": "1c697a 94c691",
    "Apple": "f01898 38f9d3",
    "Intel": "001b21 a0369f",
    "Realtek": "00e04c",
    "Cisco": "00000c 001aa1",
    "Aruba": "000b86",
    "Juniper": "000585",
    "Palo Alto Networks": "001b17",
    "Fortinet": "00090f 085b0e 704ca5 e81cba",
    "Sophos": "001a8c 7c5a1c",
    "MikroTik": "000c42 4c5e0c d4ca6d 6c3b6b e48d8c",
    "Ubiquiti": "0418d6 24a43c 788a20",
    "DrayTek": "001daa",
    "TP-Link": "14cc20 50c7bf f4f26d ec086b",
    "D-Link": "00265a c8d3a3 0022b0",
    "Huawei": "00e0fc 001882",
    "H3C": "000fe2",
    "Ruijie": "00d0f8 58696c",
    "Synology": "001132",
    "QNAP": "245ebe 00089b",
    "APC": "00c0b7",
    "Hikvision": "4419b6 c056e3",
    "Dahua": "3cef8c 9002a9",
    "Brother": "008077",
    "Epson": "000048",
    "Canon": "000085",
    "Ricoh": "002673",
    "Konica Minolta": "00206b",
    "Kyocera": "0017c8",
    "Xerox": "0000aa",
    "Zebra": "00074d",
}
_LOCAL: Final = 0x02


class Vendors:
    """Names by prefix."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def of(self, mac: str) -> str:
        """Who made it; RANDOM for an address of the host's own making, empty when nobody here knows."""
        prefix = mac.replace(":", "")[:6]
        known = self._names.get(prefix, "")
        return known or (RANDOM if int(prefix[:2], 16) & _LOCAL else "")


def read(registers: Iterable[Path] = REGISTERS) -> Vendors:
    """The names of the first register this machine has, beside those that are known anyway."""
    names: dict[str, str] = {}
    for path in registers:
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                found = _LINE.findall(file.read(BYTES))
                names = {f"{first}{second}{third}".lower(): name.strip()[:64] for first, second, third, name in found}
        except OSError:
            continue
        if names:
            break
    return Vendors({**names, **{prefix: name for name, all_ in _NAMES.items() for prefix in all_.split()}})
