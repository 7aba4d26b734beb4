# SPDX-License-Identifier: Apache-2.0
"""Who talks to whom in a firewall's sentence: `… from ZONE:A/P to ZONE:B/P …`, `src ZONE:A dst ZONE:B`, `src = A`.

For messages of a known product of which no more than the number is known. What stands in quotes was chosen by somebody
and is not read; a sentence that names an end in two places can be read in two ways, and says nothing.
"""

import re
from typing import Final

from giamsat_agent.message import FAILURE, Meaning
from giamsat_agent.parsers import typed_values
from giamsat_agent.parsers.word import begun

PLAIN: Final = "log-message"
MESSAGE_CHARACTERS: Final = 1_024
"""How much of a message is searched."""
_ADDRESS: Final = r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,37}(?:\.\d{1,3}){0,3})"
_ANY: Final = re.compile(
    r"[0-9A-Fa-f:](?<![\w.:][0-9A-Fa-f:])"  # looked for by what it begins with
    r"(?:(?<=\d)\d{0,2}(?:\.\d{1,3}){3}|(?:(?<=:)|(?<!:)[0-9A-Fa-f]{0,3}:)[0-9A-Fa-f:]{1,37}(?:\.\d{1,3}){0,3})"
)
_QUOTED: Final = re.compile(r"""'[^']{0,256}'|"[^"]{0,256}"|<[^<>]{0,256}>""")
_BEFORE: Final = r"(?:\b[lfg]?addr )?(?:= ?)?"
_SOURCE: Final = re.compile(
    rf"(?:{begun('from', 'src', 'source')})\b:? ?{_BEFORE}"
    rf"(?:(?P<zone>[A-Za-z][\w.-]{{0,47}}):)?(?P<ip>{_ADDRESS})"
    r"(?:[/(:](?P<port>\d{1,5})\b\)?)?(?![\w:])"
)
_DESTINATION: Final = re.compile(
    rf"(?:{begun('to', 'dst', 'dest', 'destination')})\b:? ?{_BEFORE}"
    rf"(?:(?P<zone>[A-Za-z][\w.-]{{0,47}}):)?(?P<ip>{_ADDRESS})"
    r"(?:[/(:](?P<port>\d{1,5})\b\)?)?(?![\w:])"
)
_DENIED: Final = re.compile(
    "(?:"
    + begun(
        *(r"den(?:y|ied|ies)", r"drop(?:s|ped|ping)?", r"discard(?:s|ed|ing)?", r"reject(?:s|ed|ing)?", "refused"),
        *(r"block(?:s|ed|ing)?", "shunned", "limit exceeded"),
        *(rf"{word} (?:\w{{1,16}} ){{0,3}}(?:field|hdr|header|flags|packet|length)" for word in ("invalid", "bad")),
    )
    + r")\b"
)
"""Looked for in lower case."""
_NOUNS: Final = frozenset({"block", "blocks", "drop", "drops"})
"""What programs move, send and count, too: of a device that nobody knows they are no refusal."""
_KINDS: Final = (
    r"(?:(?:port|address|ip|host|network) ?(?:scan|sweep)(?:ning)?|(?:(?:tcp|syn|udp|icmp|ack|http|dns) )+flood(?:ing)?"
    r"|ip spoof(?:ing)?|(?:land|smurf|teardrop|dos|ddos) attack|ping of death)"
)
_ATTACK: Final = re.compile(
    r"(?:[\w./-]{1,16}:? ){0,2}"
    rf"(?:(?P<name>{_KINDS}) (?:attack |attempt )?(?:was |is )?(?:detected|blocked|prevented|dropped)"
    rf"|(?:detected|possible|suspected|blocked|prevented) (?:a |an )?(?P<named>{_KINDS}))\b"
    r"(?! (?:detection|prevention|protection)\b)",
    re.IGNORECASE,
)
"""An attack that a device names at the head of its sentence, behind two words at most."""
_TRANSPORT: Final = re.compile(
    rf"(?:{begun(r'protocol ?=? ?(?P<number>[0-9]{1,3})')}"
    rf"|(?P<name>{begun('tcp', 'udp', 'icmp', 'gre', 'esp', 'sctp')}))\b"
)
"""Looked for in lower case."""


def decided(text: str) -> Meaning | None:
    """What a device that nobody knows says it refused, or recognised: the attack stands at the head of its sentence."""
    attack = _ATTACK.match(text)
    words = (found[0] for found in _DENIED.finditer(text[:MESSAGE_CHARACTERS].lower()))
    if attack is None and all(word in _NOUNS for word in words):
        return None
    meaning = of_text(text)
    if meaning is None or not _alone(text):
        return None
    if attack is not None:
        return Meaning(
            "intrusion-detected", {**meaning.fields, "threat.name": (attack["name"] or attack["named"]).lower()}
        )
    return meaning if meaning.kind != PLAIN else None


def of_text(text: str) -> Meaning | None:
    """The ends that a sentence names, and that a connection was denied if it says so; None where it names none."""
    text = _QUOTED.sub("''", text[:MESSAGE_CHARACTERS])
    lowered = text.lower()
    sources, destinations = list(_SOURCE.finditer(text)), list(_DESTINATION.finditer(text))
    if len(sources) != 1 or len(destinations) > 1:
        return None
    said = _end(sources[0], "source", "ingress")
    if not destinations:
        found = typed_values.fields(said)
        return Meaning(PLAIN, found) if "source.ip" in found else None
    said += _end(destinations[0], "destination", "egress")
    if (transport := _TRANSPORT.search(lowered)) is not None:
        said.append(("network.transport", transport["number"] or transport["name"]))
    found = typed_values.fields(said)
    if not found.keys() >= {"source.ip", "destination.ip"}:
        return None
    if _DENIED.search(lowered) is None:
        return Meaning(PLAIN, found)
    return Meaning("connection-denied", {**found, "event.outcome": FAILURE})


def _alone(text: str) -> bool:
    """Whether no third address is spoken of: then the ends may be what a peer said of others."""
    return len({*_ANY.findall(text, 0, MESSAGE_CHARACTERS)}) <= 2  # noqa: PLR2004 - two ends


def _end(found: re.Match[str], side: str, way: str) -> list[tuple[str, str]]:
    named = (f"{side}.ip", found["ip"]), (f"{side}.port", found["port"]), (f"observer.{way}.zone", found["zone"])
    return [(name, text) for name, text in named if text]
