# SPDX-License-Identifier: Apache-2.0
"""Messages of Cisco Meraki: a word for their kind, perhaps one for what was done, pairs, and what the pairs are about.

flows src=A dst=B mac=M protocol=tcp sport=P dport=Q pattern: deny all
flows allow src=A dst=B protocol=icmp type=8
security_event ids_alerted signature=G:S:R … src=A:P dst=B:Q decision=blocked message: WORDS
urls src=A:P dst=B:Q mac=M request: GET URL
events type=KIND name='value' … msg= 'SENTENCE'
events SENTENCE
"""

import re
from typing import Final

from giamsat_agent.parsers import key_value

KINDS: Final = (
    "flows", "firewall", "vpn_firewall", "cellular_firewall", "bridge_anyconnect_client_vpn_firewall",
    "security_event", "ip_flow_start", "ip_flow_end", "urls", "events",
)  # fmt: skip
_HEAD: Final = re.compile(
    rf"(?P<type>{'|'.join(KINDS)}) (?:(?P<word>[a-z_]{{1,32}}) )?(?=[a-z_]{{2,16}}=)"
    r"(?!(?<=events )(?!type=\w{3,64}  ?[A-Za-z_]{2,32}= ?'))"
)
"""Pairs behind the kind; those of an event begin with its type, and stand in quotes."""
_TAIL: Final = re.compile(r" (?P<name>pattern|message): ")
"""What the pairs are about stands behind them, and a peer may have chosen it."""
_REQUEST: Final = " request: "
"""No blank stands in what is asked for, but any may in the pair before it: the browser says its own name."""
_SENTENCE: Final = re.compile(
    r"events (?P<said>(?:(?:client|anyconnect)_vpn_(?:dis)?connect user id '|port \d|carrier_change device ).*)",
    re.DOTALL,
)
_SPOKEN: Final = " msg= '"
_DECIDED: Final = re.compile(r"(?:Group Policy )?(?P<word>allow|deny|[01])\b", re.IGNORECASE)


def values(text: str) -> dict[str, str] | None:
    """The named values of a message; None when it is none of Meraki's."""
    head = _HEAD.match(text)
    if head is None:
        sentence = _SENTENCE.match(text)
        return None if sentence is None else {"meraki.type": "events", "message": sentence["said"]}
    if head["type"] == "urls":
        return _request(text[head.end() :])
    if head["type"] == "events":
        pairs, _, said = text[head.end() :].partition(_SPOKEN)
        return {**_told("events", pairs), "message": said.strip(" '")}
    tail = _TAIL.search(text, head.end())
    told = _told(head["type"], text[head.end() : len(text) if tail is None else tail.start()])
    if head["word"]:
        told["meraki.word"] = head["word"]
    if tail is None:
        return told
    told[f"meraki.{tail['name']}"] = text[tail.end() :]
    if tail["name"] == "pattern" and (decided := _DECIDED.match(text, tail.end())) is not None:
        told["meraki.word"] = decided["word"].lower()
    return told


def _request(text: str) -> dict[str, str]:
    pairs, asked, request = text.rpartition(_REQUEST)
    if not asked:
        return _told("urls", text)
    method, _, url = request.partition(" ")
    return _told("urls", pairs) | {"meraki.method": method, "meraki.url": url}


def _told(kind: str, pairs: str) -> dict[str, str]:
    """The pairs, none of which may take a name that is given here."""
    said = key_value.pairs(pairs).items()
    return {"meraki.type": kind, **{name: value for name, value in said if not name.startswith("meraki.")}}
