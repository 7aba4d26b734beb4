# SPDX-License-Identifier: Apache-2.0
"""When many packets of one kind to one host are a flood: the kinds, the floors, the judgement.

A download or a call has two directions; a flood has one. What is answered by resets belongs to no connection, and
segments that no TCP sends belong to nothing at all. Who asks in another's name shows at the server that is misused by
answers that go outside and are many times as long as what asked for them.

Where only what a host sends is seen, its answers show what it receives: who accepts connection after connection and is
asked for nothing, or refuses ever more, is flooded. What comes from outside to addresses inside is the trace of a flood
elsewhere, in whose names others are not asked.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.addresses import Addresses, Identities
from giamsat_agent.packets.columns.batch import ACK, FIN, ICMP, ICMP6, RST, SYN, TCP, UDP, Mask, is_odd
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.detector import first_of_each
from giamsat_agent.packets.flood_frames import ASKED, REFUSES, Ends, Frames

LEAST: Final = {
    "syn_flood": 100,
    "udp_flood": 2_000,
    "icmp_flood": 200,
    "reply_flood": 200,
    "reflection": 50,
    "own_reflection": 500,
    "misused": 50,
    "wide_reflection": 50,
    "ack_flood": 500,
    "syn_ack_flood": 200,
    "own_syn_ack_flood": 200,
    "rst_flood": 500,
    "odd_flood": 200,
    "stray_flood": 500,
    "accepted": 100,
    "refused": 1_000,
    "unreachable": 200,
}
"""Packets to one host within a second; long answers among hosts inside are often polls whose questions go elsewhere."""
ANSWERED: Final = 0.02
"""The part that may go the other way."""
PORTS: Final = 8
"""A flood aims at a service: what does not go to so many ports, the busiest ones, is a scan's."""
STREAMS: Final = (623, 1194, 1604, 1701, 3478, 5060, 10001, 27015, 27960, 32414, 33848, 37810, 47808)
"""IPMI, OpenVPN, Citrix, L2TP, STUN, SIP, Ubiquiti, Steam, Quake, Plex, Jenkins, DVRs, BACnet: amplifiers too, but
tunnels, calls and games send from these ports as well, one to a host; only many servers at once are a reflection."""
SERVERS: Final = 10
AMPLIFIED: Final = 5
"""Times as many bytes as were asked with, from which a server inside is misused against a host outside."""
RESET: Final = 0.5
"""The part of segments that are answered by resets, from which they belong to no connection."""
_STREAMS: Final = OneOf(STREAMS)
NAMES: Final = (53, 5353)
"""Long answers to names are ordinary; unasked ones are told from NAMED a second."""
NAMED: Final = 100
FEW_PAYLOADS: Final = 0.1
"""Segments that carry something, for each that carries nothing: connections that are at work have more."""
WORDS: Final = {
    "syn_flood": ("gói SYN", "SYN segments"),
    "udp_flood": ("gói UDP", "UDP datagrams"),
    "icmp_flood": ("gói ICMP", "ICMP messages"),
    "reply_flood": ("trả lời ICMP không do nó hỏi", "ICMP replies it did not ask for"),
    "reflection": ("gói phản xạ UDP", "reflected UDP datagrams"),
    "own_reflection": ("gói phản xạ UDP", "reflected UDP datagrams"),
    "misused": ("gói phản xạ UDP", "reflected UDP datagrams"),
    "wide_reflection": ("gói phản xạ UDP", "reflected UDP datagrams"),
    "syn_ack_flood": ("gói SYN-ACK không do nó yêu cầu", "SYN-ACK segments it did not ask for"),
    "own_syn_ack_flood": ("gói SYN-ACK không do nó yêu cầu", "SYN-ACK segments it did not ask for"),
    "rst_flood": ("gói RST không thuộc kết nối nào", "RST segments of no connection"),
    "odd_flood": ("gói TCP có cờ bất thường", "segments with flags that no TCP sends"),
    "stray_flood": ("gói TCP không thuộc kết nối nào", "segments of no connection"),
    "ack_flood": ("gói TCP rỗng không thuộc kết nối nào", "empty TCP segments of no connection"),
    "accepted": ("yêu cầu kết nối rồi bỏ (chỉ thấy trả lời)", "calls that went no further (only the answers are seen)"),
    "refused": ("gói TCP mà nó từ chối (chỉ thấy trả lời)", "segments that it refused (only the answers are seen)"),
    "unreachable": (
        "gói UDP tới cổng đóng (chỉ thấy trả lời)",
        "datagrams to closed ports (only the answers are seen)",
    ),
}
ANSWERS: Final = ("accepted", "refused", "unreachable")
"""Those that the host itself sends: where they are seen alone they show what it receives."""
OCTETS: Final = 8
"""First octets of made-up addresses: names that lie closer to each other are those of a network which others use."""
MADE_UP: Final = 10


def kinds(frames: Frames, addresses: Addresses) -> dict[str, Mask]:
    """Which frames are of each kind that makes a flood."""
    is_tcp, is_udp = frames.protocol == TCP, frames.protocol == UDP
    turns = frames.flags & (SYN | ACK | RST | FIN)
    acknowledges = is_tcp & ((frames.flags & (SYN | ACK | RST)) == ACK)
    resets = is_tcp & ((frames.flags & (SYN | RST | FIN)) == RST)
    refuses = resets & ((frames.flags & REFUSES) != 0)
    ends = (frames.source, frames.destination)
    from_inside, to_inside = (_inside(frames.reflected, one, addresses) for one in ends)
    found = {
        "syn_flood": is_tcp & (turns == SYN),
        "reflection": frames.reflected & ~(from_inside & to_inside),
        "own_reflection": from_inside & to_inside,
        "misused": from_inside & ~to_inside,
        "wide_reflection": is_udp & _STREAMS.at(frames.source_port) & (frames.payload > ASKED),
        "syn_ack_flood": is_tcp & (turns == SYN | ACK),
        "rst_flood": resets & ~refuses,
        "udp_flood": is_udp & ~frames.reflected,
        "icmp_flood": frames.echo,
        "reply_flood": frames.reply,
        "ack_flood": acknowledges & (frames.payload == 0),
        "odd_flood": is_tcp & is_odd(frames.flags),
        "refused": refuses | (resets & (turns == RST)),
        "unreachable": _unreachable(frames),
    }
    found["accepted"] = found["syn_ack_flood"]
    for name in ANSWERS:
        if np.count_nonzero(found[name]) >= LEAST[name]:
            to_inside, from_inside = (_inside(found[name], one, addresses) for one in ends[::-1])
            found[name] = found[name] & (from_inside | ~to_inside)
    found["own_syn_ack_flood"] = found["accepted"]
    found["syn_ack_flood"] = found["syn_ack_flood"] & ~found["accepted"]
    if np.count_nonzero(found["rst_flood"]) >= RESET * LEAST["stray_flood"]:
        found["stray_flood"] = acknowledges & (frames.payload > 0)
    return found


def _unreachable(frames: Frames) -> Mask:
    """Which are messages that nobody listens at a port."""
    found = np.zeros(len(frames), bool)
    for protocol, kind, code in ((ICMP, 3, 3), (ICMP6, 1, 4)):
        places = true_at(frames.protocol == protocol)
        found[places] = (frames.source_port[places] == kind) & (frames.destination_port[places] == code)
    return found


def _inside(chosen: Mask, ends: Identities, addresses: Addresses) -> Mask:
    """Which of the chosen have an end inside."""
    found, places = np.zeros(len(chosen), bool), true_at(chosen)
    found[places] = addresses.inside(ends[places])
    return found


def is_one_way(frames: Frames, name: str, its: Numbers, ends: Ends) -> bool:
    """Whether what went to the host in that second was not what it talks with."""
    judge = _JUDGES.get(name)
    # Nobody needs so many of the others; of datagrams only those are asked about that nobody wants.
    return judge is None or judge(frames, its, ends)


def _is_unacknowledged(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether connections to a few services are begun and not gone on with."""
    if _aimed(frames, its) < LEAST["syn_flood"]:
        return False
    # A service that begins anew refuses every connection of a pool; what it refuses does not hold it up.
    if len(its) < LEAST["refused"] and np.count_nonzero(ends.sent(its[0]).flags & REFUSES) >= RESET * len(its):
        return False
    to = ends.received(its[0])
    return bool(np.count_nonzero((to.protocol == TCP) & ((to.flags & ACK) != 0)) < len(its) / 2)


def _never_spoken(_: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether answers reach a host that asked nothing; resetting what it did not ask for is not asking.

    A server that is flooded in many names answers each of them a little; here one host receives them all.
    """
    back, to = ends.sent(its[0]), ends.received(its[0])
    asked = np.count_nonzero((back.protocol == TCP) & ((back.flags & RST) == 0))
    other = np.count_nonzero((to.protocol == TCP) & ((to.flags & (SYN | RST)) == 0))
    return bool(asked < ANSWERED * len(its) and other < len(its) / 2)


def _are_no_acceptances(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether such answers come from many, or from no service: what one service accepts was asked for out of sight."""
    one = len(np.unique(frames.source[its])) < SERVERS
    return not (one and _come_from_a_service(frames, its)) and _never_spoken(frames, its, ends)


def _are_resets(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether resets reach a host that asked nothing, and that does not refuse ever more itself."""
    if _is_reset(frames, its, ends) or _come_from_a_service(frames, its):
        return False
    return _never_spoken(frames, its, ends)


def _come_from_a_service(frames: Frames, its: Numbers) -> bool:
    """Whether they have fewer ports that they come from than ports that they go to, as answers do."""
    own, others = (len(np.unique(ports[its])) for ports in (frames.source_port, frames.destination_port))
    return own < others


def _is_accepted_in_vain(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether connections to a few services are accepted, and next to nothing is said or broken off on any."""
    to = ends.received(its[0])
    ended = ((to.flags & FIN) != 0) | ((to.flags & (RST | REFUSES)) == RST)
    goes_on = np.count_nonzero((to.protocol == TCP) & ((to.payload > 0) | ended))
    return bool(goes_on < len(its) / 2 and _is_heard_alone(frames, its, ends))


def _is_refused_alone(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether what a few services refuse is not seen itself; of resets without an answer's form the ports tell."""
    bare = its[(frames.flags[its] & REFUSES) == 0]
    its = its if not len(bare) or _come_from_a_service(frames.turned(), bare) else np.setdiff1d(its, bare)
    return bool(len(its) >= LEAST["refused"] and _is_heard_alone(frames, its, ends))


def _is_heard_alone(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether a host answers at a few ports what is not seen."""
    asks = np.count_nonzero(ends.sent(its[0]).protocol == TCP)
    aimed = _aimed(frames, its) >= len(its) / 2
    return bool(aimed and asks < ANSWERED * len(its) and _are_from_anywhere(frames, its))


def _is_unreachable(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether nothing is seen of the datagrams that a host tells are in vain."""
    asks = np.count_nonzero(ends.sent(its[0]).protocol == UDP)
    return bool(asks < ANSWERED * len(its) and _are_from_anywhere(frames, its))


def _are_from_anywhere(frames: Frames, its: Numbers) -> bool:
    """Whether who asks is one or a few, or made up from everywhere: not the hosts of one network."""
    askers = np.unique(frames.source[its])
    return len(askers) < MADE_UP or len(np.unique(askers >> np.uint64(24))) >= OCTETS


def _is_of_no_connection(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether empty segments to a service come each from another end, and next to nothing is carried beside them."""
    least = LEAST["ack_flood"]
    many = max(least, len(its) / 2)
    if len(first_of_each(frames.source[its], frames.source_port[its])) < many:
        return False
    to = ends.received(its[0])
    carrying = np.count_nonzero((to.protocol == TCP) & (to.payload > 0))
    return bool(_aimed(frames, its) >= least and carrying < FEW_PAYLOADS * len(its))


def _is_reset(_: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether the host resets what reaches it."""
    back = ends.sent(its[0])
    resets = (back.protocol == TCP) & ((back.flags & (SYN | RST)) == RST)
    return bool(np.count_nonzero(resets) >= RESET * len(its))


def _is_unasked(_: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether the host sent hardly any echoes that these could be the replies to."""
    return bool(np.count_nonzero(ends.sent(its[0]).echo) < len(its) / 2)


def _is_misused(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether long answers go to a host in whose name something short was asked."""
    port, back = frames.source_port[its[0]], ends.sent(its[0])
    asks, enough = (back.protocol == UDP) & (back.destination_port == port), port not in NAMES or len(its) >= NAMED
    amplified = frames.payload[its].sum() >= AMPLIFIED * back.payload[asks].sum()
    return bool(enough and asks.any() and amplified)


def _is_reflected(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether long answers reach a host that hardly asked; long answers to names are ordinary, up to a point."""
    names_only = np.isin(frames.source_port[its], NAMES).all()
    return bool((len(its) >= NAMED or not names_only) and _is_hardly_answered(frames, its, ends))


def _is_widely_reflected(frames: Frames, its: Numbers, ends: Ends) -> bool:
    return len(np.unique(frames.source[its])) >= SERVERS and _is_hardly_answered(frames, its, ends)


def _is_hardly_answered(frames: Frames, its: Numbers, ends: Ends) -> bool:
    """Whether next to nothing goes the other way."""
    back = np.count_nonzero(ends.sent(its[0]).protocol == frames.protocol[its[0]])
    return bool(back < ANSWERED * len(its))


def _aimed(frames: Frames, its: Numbers) -> int:
    """How many go to the busiest services."""
    _, to_port = np.unique(frames.destination_port[its], return_counts=True)
    return int(np.sort(to_port)[-PORTS:].sum())


_JUDGES: Final[dict[str, Callable[[Frames, Numbers, Ends], bool]]] = {
    "syn_flood": _is_unacknowledged,
    "syn_ack_flood": _never_spoken,
    "own_syn_ack_flood": _are_no_acceptances,
    "rst_flood": _are_resets,
    "ack_flood": _is_of_no_connection,
    "stray_flood": _is_reset,
    "reply_flood": _is_unasked,
    "reflection": _is_reflected,
    "own_reflection": _is_reflected,
    "wide_reflection": _is_widely_reflected,
    "misused": _is_misused,
    "accepted": _is_accepted_in_vain,
    "refused": _is_refused_alone,
    "unreachable": _is_unreachable,
}
