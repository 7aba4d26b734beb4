# SPDX-License-Identifier: Apache-2.0
"""Names answered for others (ATT&CK T1557.001): LLMNR (RFC 4795), NetBIOS names (RFC 1002), mDNS (RFC 6762).

Windows asks its neighbours for names that DNS does not know, and sends its password's hash to whoever answers. A host
answers for its own name, perhaps also for its domain's; one that answers for whatever is asked poisons. By mDNS, a
router may pass on what other networks' hosts answer, and a proxy speaks for those that sleep: each has its own address.
"""

from collections.abc import Iterator
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import mac_text
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.payloads.dns_message import borne, question
from giamsat_wire.clock import SECOND_NS

LLMNR, NETBIOS, MDNS = 5355, 137, 5353
ASKED_ALOUD: Final = OneOf((LLMNR, NETBIOS, MDNS))
NAMES: Final = 4
"""Different names answered for within SPAN_NS: a host's own, its domain's, and one more."""
SPAN_NS: Final = 600 * SECOND_NS
LOCAL: Final = ".local"
BAIT: Final = "wpad"
"""The name under which Windows looks for its proxy: no host bears it, so one answer for it is enough."""
KEPT: Final = 64
LOOKED_AT: Final = 4_096
_NETBIOS_LETTERS: Final = 32
"""A NetBIOS name is sent as 32 letters, two for each of its 16 bytes; the last byte says what kind of name it is."""
_LETTER_A: Final = 0x41
_RESPONSE: Final = 0x80
_NAME_SERVER: Final = 0x80
"""Recursion is available: RFC 1002, section 4.2.1.1."""
_HEADER: Final = 12
_REGISTRATION, _FLAGS_AT = 68, 62
"""Bytes of a name registration request, and where it says whether the name is a group's."""
_OPCODE, _REGISTERS, _GROUP = 0x78, 0x28, 0x80


class NamePoisoning:
    """Names by the host that answers for them."""

    def __init__(self) -> None:
        self.room = Room()
        self._answered: Table[tuple[int, bytes], dict[str, tuple[int, int, int]]] = self.room.table(1_024)
        self._told: Told[int] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        for at in batch.udp[ASKED_ALOUD.at(batch.source_port[batch.udp])][:LOOKED_AT].tolist():
            content, port = batch.content(at), int(batch.source_port[at])
            if port == MDNS:
                for label, address in multicast_names(content):
                    yield from self._judged(batch, at, label, address)
            elif name := answered_name(content, netbios=port == NETBIOS):
                yield from self._judged(batch, at, name, b"")

    def _judged(self, batch: Batch, at: int, name: str, address: bytes) -> Iterator[Anomaly]:
        """A name a host answered for: with this address if that matters."""
        mac, now_ns = int(batch.source_mac[at]), int(batch.time_ns[at])
        names = self._answered.get((mac, address)) or self._answered.put((mac, address), {})
        names.pop(name, None)
        names[name] = (now_ns, int(batch.destination[at]), int(batch.number[at]))
        while len(names) > KEPT or now_ns - next(iter(names.values()))[0] > SPAN_NS:
            del names[next(iter(names))]
        if (len(names) < NAMES and name != BAIT) or not self._told.due(mac, now_ns, len(names)):
            return
        text = batch.addresses.text
        who, some = text(int(batch.source[at])), ", ".join(sorted(names)[:8])
        yield Anomaly(
            name="name_poisoning",
            severity=Severity.HIGH,
            words=(
                f"{who} trả lời thay cho {len(names)} tên máy khác nhau ({some}): có thể đang đánh cắp mật khẩu",
                f"{who} answered for {len(names)} different names ({some}): it may be stealing passwords",
            ),
            source_ip=who,
            source_mac=mac_text(mac),
            first_ns=min(at_ns for at_ns, _, _ in names.values()),
            last_ns=now_ns,
            targets=[Target(text(asker)) for asker in dict.fromkeys(asker for _, asker, _ in names.values())],
            counts={"packets": len(names), "names": len(names)},
            frames=[number for _, _, number in names.values()],
        )


def answered_name(content: bytes, *, netbios: bool) -> str:
    """The name a positive answer is about, in small letters; empty when the message is no such answer."""
    if len(content) < _HEADER or not content[2] & _RESPONSE or content[3] & 0x0F:
        return ""
    if int.from_bytes(content[6:8]) == 0:
        return ""
    if netbios:
        # A name server (WINS) answers for everybody and says so; a host answers for itself.
        return "" if content[3] & _NAME_SERVER else _netbios_name(content[_HEADER:])
    asked = question(content)
    return asked.name if asked else ""


def registered_name(content: bytes) -> str:
    """The NetBIOS name a host takes for itself alone (RFC 1002, section 4.2.2), in small letters; empty if none."""
    if len(content) < _REGISTRATION or content[2] & (_RESPONSE | _OPCODE) != _REGISTERS or content[_FLAGS_AT] & _GROUP:
        return ""
    return _netbios_name(content[_HEADER:])


def multicast_names(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The names below .local that an answer gives an address, without that ending, and the address."""
    if len(content) >= _HEADER and content[2] & _RESPONSE:
        for name, address in borne(content):
            label = name.removesuffix(LOCAL)
            if label and label != name:
                yield label, address


def _netbios_name(encoded: bytes) -> str:
    letters = encoded[1 : 1 + _NETBIOS_LETTERS]
    if encoded[:1] != bytes([_NETBIOS_LETTERS]) or len(letters) < _NETBIOS_LETTERS:
        return ""
    halves = [letter - _LETTER_A for letter in letters]
    if not all(0 <= half < 16 for half in halves):  # noqa: PLR2004 - four bits
        return ""
    octets = bytes(high << 4 | low for high, low in zip(halves[::2], halves[1::2], strict=True))
    return "".join(chr(octet) if 32 < octet < 127 else "" for octet in octets[:15]).lower()  # noqa: PLR2004 - ASCII
