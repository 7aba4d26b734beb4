# SPDX-License-Identifier: Apache-2.0
"""Packets that a rule of MikroTik's RouterOS logs, with or without translation of addresses.

    PREFIX CHAIN: in:IF out:IF, connection-state:new,snat src-mac M, proto TCP (SYN), A:P->B:Q, NAT (A:P->C:R)->B:Q, …

RouterOS does not log what the rule did. The prefix says it, if the administrator chose it so; a packet of a connection
that stands, or whose addresses are translated, was let through; a packet for the router itself, one from outside, and
one with a prefix of another meaning count as denied because that is what such rules are written for.
"""

import ipaddress
import re
from functools import lru_cache
from typing import Final

from giamsat_agent.address import ADDRESSES_KEPT
from giamsat_agent.message import FAILURE, SUCCESS, Meaning
from giamsat_agent.parsers import typed_values
from giamsat_wire.record import FieldValue

PARSER: Final = "mikrotik"
MARK: Final = ": in:"
BEFORE_CHARACTERS: Final = 256
"""The longest that stands before the interfaces: topics, prefix and chain."""
_PROTOCOL: Final = " proto "
_CHAIN: Final = re.compile(r"(?:^|[ :])([\w.-]{1,64})$")
_TOPICS: Final = re.compile(r"^(?:[^ ]{1,64} )?firewall,[a-z,]{1,32}:? ?")
"""RouterOS's topics stand at the head, or behind one word: further on somebody else quotes them."""
_STATE: Final = re.compile(r"connection-state:(?P<state>[a-z]{1,16})")
_MAC: Final = re.compile(r"src-mac (?P<mac>[\dA-Fa-f]{2}(?::[\dA-Fa-f]{2}){5})")
_TRANSPORT: Final = re.compile(
    r"(?P<name>[\w.-]{1,16})(?: \([^()]{0,64}\))?, ?(?P<source>[^\s,>]{2,64})->(?P<destination>[^\s,>]{2,64}),?"
)
_PAIR: Final = re.compile(r"\((?P<one>[^\s()>]{2,64})->(?P<other>[^\s()>]{2,64})\)")
_LENGTH: Final = re.compile(r"[ ,]len \d{1,6}\s*$")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DENIED: Final = re.compile(
    r"(?<![a-z])(?:drop(?:s|ped|ping)?|den(?:y|ie[sd]|ying)|reject(?:s|ed|ing)?|block(?:s|ed|ing|list(?:ed)?)?"
    r"|ban(?:s|n|ned)?|blacklist(?:ed)?|disallow(?:ed)?|tarpit(?:ted)?|invalid)(?![a-z])",
    re.IGNORECASE,
)
_ALLOWED: Final = re.compile(
    r"(?<![a-z])(?:accept(?:s|ed|ing)?|allow(?:s|ed|ing|list(?:ed)?)?|pass(?:es|ed|ing)?|permit(?:s|ted|ting)?"
    r"|un(?:block|bann?)(?:ed)?|bypass(?:ed)?|whitelist(?:ed)?)(?![a-z])",
    re.IGNORECASE,
)
_STANDING: Final = frozenset({"established", "related"})
_INSIDE: Final = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10")
)


def parse(text: str, *, program: str = "") -> Meaning | None:
    """What one packet's line says; None when it is none. RouterOS may write the prefix as syslog's program."""
    before, found, rest = text.partition(MARK)
    if not found or len(before) > BEFORE_CHARACTERS:
        return None
    # A name of an interface may be a peer's login name: what the program wrote itself stands last.
    interfaces, said, packet = rest.rpartition(_PROTOCOL)
    chain = _CHAIN.search(before)
    ends = _TRANSPORT.match(packet) if said else None
    if ends is None or chain is None:
        return None
    ingress, outward, egress = interfaces.partition(" out:")
    if _TOPICS.search(before) is None and not (outward and _LENGTH.search(packet[-16:])):
        return None  # anybody's sentence: what RouterOS writes without its topics is whole
    told = interfaces.rstrip(", ").rpartition(", " if ", " in interfaces else ",")[2]
    prefix = _TOPICS.split(before[: chain.start(1)])[-1].strip(" :")[:128]
    mac = _MAC.search(told)
    fields: dict[str, FieldValue] = {"observer.vendor": "MikroTik", "observer.product": "RouterOS"}
    typed_values.add(
        fields,
        (
            ("rule.name", prefix or chain[1]), ("network.transport", ends["name"]), ("source.ip", ends["source"]),
            ("destination.ip", ends["destination"]), ("source.mac", mac["mac"] if mac else ""),
            ("observer.ingress.interface.name", ingress), ("observer.egress.interface.name", _name(egress)),
        ),
    )  # fmt: skip
    if not fields.keys() >= {"source.ip", "destination.ip"}:
        return None
    translated = packet[ends.end() :].lstrip().startswith("NAT ")
    if translated:
        fields |= _translated(packet[ends.end() :], fields)
    state = _STATE.search(told)
    let = translated or (state is not None and state["state"] in _STANDING)
    kind = _kind(f"{program} {prefix}", let=let)
    if kind is None:
        leaves = not prefix and chain[1] != "input" and _inside(str(fields["source.ip"]))
        kind = "log-message" if leaves else "connection-denied"
    if kind != "log-message":
        fields["event.outcome"] = FAILURE if kind == "connection-denied" else SUCCESS
    return Meaning(kind, fields)


def _kind(words: str, *, let: bool) -> str | None:
    """What the administrator's words or the connection's state say was done; None when neither says anything."""
    words = _CAMEL.sub(" ", words)
    if _DENIED.search(words) is not None:
        return "connection-denied"
    return "connection-allowed" if let or _ALLOWED.search(words) is not None else None


def _name(egress: str) -> str:
    """The interface a packet leaves by; none where it is for the router itself."""
    name = egress.partition(",")[0]
    return "" if name.startswith("(unknown") else name


def _translated(text: str, ends: dict[str, FieldValue]) -> dict[str, FieldValue]:
    """The addresses that the source's or the destination's pair holds beside the packet's own."""
    found: dict[str, FieldValue] = {}
    for pair in _PAIR.finditer(text[:512]):
        # The source's pair stands before the arrow between both ends, the destination's behind it.
        side = "destination" if text[: pair.start()].endswith("->") else "source"
        told = typed_values.fields(((f"{side}.nat.ip", pair["one"]),))
        if all(told.get(f"{side}.nat.{part}") == ends.get(f"{side}.{part}") for part in ("ip", "port")):
            told = typed_values.fields(((f"{side}.nat.ip", pair["other"]),))
        found |= told
    return found


@lru_cache(maxsize=ADDRESSES_KEPT)
def _inside(address: str) -> bool:
    return any(ipaddress.ip_address(address) in network for network in _INSIDE)
