# SPDX-License-Identifier: Apache-2.0
"""Who takes over as the root of the spanning tree (IEEE 802.1D; CAPEC-94): all bridges then send past it.

A root that fails is followed by a bridge of a higher identifier, and comes back as one that is known. A newcomer that
undercuts a root that stood for long is a switch nobody set up, or a computer that wants to see everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity
from giamsat_agent.packets.columns.addresses import mac_text
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_wire.clock import SECOND_NS

SETTLED_NS: Final = 60 * SECOND_NS
"""A tree that has just been joined together settles within two times the forward delay and the greatest age: 50 s."""
ROOTS: Final = 64
LOOKED_AT: Final = 4_096
_MAC: Final = (1 << 48) - 1
_PRIORITY: Final = 0xF000
"""The rest of those 16 bits is the number of the VLAN (IEEE 802.1t)."""


@dataclass(slots=True)
class _Tree:
    """One VLAN's tree: its root, since when, and the Ethernet addresses of those that were it for long."""

    root: int
    since_ns: int
    roots: dict[int, None] = field(default_factory=dict)


class SpanningTree:
    """Roots by VLAN."""

    def __init__(self) -> None:
        self.room = Room()
        self._trees: Table[tuple[int, int], _Tree] = self.room.table(4_096)
        self._told: Told[tuple[int, int]] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        hello = batch.hello
        for row in range(min(len(hello.at), LOOKED_AT)):
            at, root = int(hello.at[row]), int(hello.root[row])
            key, now = (int(batch.vlan[at]), root >> 48 & ~_PRIORITY), int(batch.time_ns[at])
            tree = self._trees.get(key) or self._trees.put(key, _Tree(root, now))
            if root == tree.root:
                continue
            settled = now - tree.since_ns >= SETTLED_NS
            if settled:
                tree.roots[tree.root & _MAC] = None
            if len(tree.roots) > ROOTS:
                del tree.roots[next(iter(tree.roots))]
            undercut = root < tree.root and root & _MAC not in tree.roots
            if settled and undercut and self._told.due((key[0], root), now, 1):
                yield _taken(batch, at, root, tree.root)
            tree.root, tree.since_ns = root, now


def _taken(batch: Batch, at: int, root: int, before: int) -> Anomaly:
    now, new, old = int(batch.time_ns[at]), mac_text(root & _MAC), mac_text(before & _MAC)
    priority, former = root >> 48 & _PRIORITY, before >> 48 & _PRIORITY
    return Anomaly(
        name="stp_root",
        severity=Severity.HIGH,
        words=(
            f"{new} (độ ưu tiên {priority}) giành vai trò gốc của cây STP từ {old} (độ ưu tiên {former})",
            f"{new} (priority {priority}) took the root of the spanning tree from {old} (priority {former})",
        ),
        source_ip="",
        source_mac=mac_text(int(batch.source_mac[at])),
        first_ns=now,
        last_ns=now,
        counts={"packets": 1},
        frames=[int(batch.number[at])],
    )
