# SPDX-License-Identifier: Apache-2.0
"""ARP (RFC 826): answers nobody asked for (ATT&CK T1557.002).

A host that takes another's address over in order (VRRP, a restart, a new DHCP lease) announces it a few times, to
everybody, or answers what it was asked. One who spoofs tells single hosts, unasked, again and again, and of several
addresses, or of one that another was heard to bear, or so often that no neighbour would. Hosts believe questions as
well: one who spoofs asks the same host again and again in the name of another that is still there; whoever got the
address by a new lease, a new network card or in place of an old machine asks for many, and the old bearer is silent.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from giamsat_agent.packets.anomaly import Anomaly, Severity, Target
from giamsat_agent.packets.columns.addresses import mac_text
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.detector import Room, Table, Told
from giamsat_agent.packets.machines import is_one_machine, is_virtual
from giamsat_wire.clock import SECOND_NS

REQUEST, REPLY = 1, 2
ASKED_NS: Final = 5 * SECOND_NS
UNASKED: Final = 6
INSISTED: Final = 12
"""Unasked answers of one address to one host within INSISTED_NS: a neighbour that is asked anew out of sight answers
once in 30 s."""
INSISTED_NS: Final = 60 * SECOND_NS
SWIFT_NS: Final = 20 * SECOND_NS
"""UNASKED of them within that are too many as well: who wants to be believed by a host says it every second or two."""
CLAIMED: Final = 2
REPEATED, REPEATED_NS = 3, 15 * SECOND_NS
"""Unasked answers that one host was given so shortly before: who bears several addresses and is asked out of sight
answers many hosts, and each of them seldom."""
ANNOUNCED_NS: Final = 60 * SECOND_NS
FAIL_OVER_NS: Final = 20 * SECOND_NS
"""A host that takes over has said so to everybody after that."""
SPOOF_NS: Final = 300 * SECOND_NS
ALIVE_NS: Final = 60 * SECOND_NS
"""A bearer that was heard within that is still there."""
FLIPS: Final = 3
FRAMES: Final = 64
OWN: Final = 4
LOOKED_AT: Final = 8_192


@dataclass(slots=True)
class _Claims:
    """What one Ethernet address has claimed unasked: when, which address, to whom, in which frame."""

    seen: deque[tuple[int, int, int, int]] = field(default_factory=lambda: deque(maxlen=FRAMES))

    def repeated(self) -> int:
        """How many told one host what it had been told shortly before."""
        last: dict[tuple[int, int], int] = {}
        count = 0
        for at_ns, owner, target, _ in self.seen:
            count += at_ns - last.get((owner, target), at_ns - REPEATED_NS) < REPEATED_NS
            last[owner, target] = at_ns
        return count


@dataclass(slots=True)
class _Posing:
    """Since when one speaks in the name of another, until when, and whether it told everybody."""

    since_ns: int
    last_ns: int
    announced: bool = False


class ArpSpoof:
    """Unasked answers by sender, and addresses that change hands to and fro."""

    def __init__(self) -> None:
        self.room = Room()
        self._asked: Table[tuple[int, int], int] = Table(4_096)
        self._answered: Table[tuple[int, int], int] = Table(4_096)
        self._own: Table[int, deque[int]] = self.room.table(4_096)
        self._claims: Table[int, _Claims] = self.room.table(1_024)
        self._owners: Table[int, deque[tuple[int, int]]] = self.room.table(4_096)
        self._bearers: Table[int, int] = self.room.table(4_096)
        self._heard: Table[int, int] = self.room.table(4_096)
        self._posing: Table[tuple[int, int], _Posing] = self.room.table(1_024)
        self._questions: Table[tuple[int, int, int], deque[tuple[int, int]]] = self.room.table(4_096)
        self._announcements: Table[tuple[int, int], deque[tuple[int, int]]] = self.room.table(1_024)
        self._told: Told[int] = Told()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        arp = batch.arp
        for row in range(min(len(arp.at), LOOKED_AT)):
            at, mac = int(arp.at[row]), int(arp.sender_mac[row])
            owner, target, now = int(arp.sender_ip[row]), int(arp.target_ip[row]), int(batch.time_ns[at])
            if mac == self._bearers.get(owner):
                self._heard.put(owner, now)
            if int(arp.operation[row]) == REQUEST:
                self._asked.put((target, owner), now)
                self._note_own(mac, owner)
                if owner == target and owner:
                    yield from self._announced(batch, at, mac, (owner, target, now))
                elif self._is_anothers(mac, owner):
                    yield from self._asks_as(batch, at, mac, (owner, target, now))
            elif int(arp.operation[row]) == REPLY and owner == target and owner:
                yield from self._announced(batch, at, mac, (owner, target, now))
            elif int(arp.operation[row]) == REPLY and owner:
                asked_ns = self._asked.get((owner, target))
                if asked_ns is None or now - asked_ns > ASKED_NS:
                    yield from self._unasked(batch, at, mac, (owner, target, now))
                else:
                    self._note_own(mac, owner)
                    # Whoever answers second does not bear the address for that.
                    if self._answered.get((owner, target)) != asked_ns:
                        self._bearers.put(owner, mac)
                        self._heard.put(owner, now)
                    self._answered.put((owner, target), asked_ns)

    def _announced(self, batch: Batch, at: int, mac: int, claim: tuple[int, int, int]) -> Iterator[Anomaly]:
        """One announces itself to everybody: a fail-over does so a few times, a spoofer goes on."""
        owner, _, now = claim
        bearer = self._bearers.get(owner)
        if bearer is None or not self._is_anothers(mac, owner):
            return
        self._poses(mac, owner, now).announced = True
        said = self._announcements.get((mac, owner))
        if said is None:
            said = self._announcements.put((mac, owner), deque(maxlen=FRAMES))
        said.append((now, int(batch.number[at])))
        while now - said[0][0] > ANNOUNCED_NS:
            said.popleft()
        # A fail-over says it several times at once, and that a few times.
        seconds = len({at_ns // SECOND_NS for at_ns, _ in said})
        if seconds >= INSISTED and now - said[0][0] >= FAIL_OVER_NS and self._told.due(mac, now, len(said)):
            name = batch.addresses.text(owner)
            words = (
                f"{mac_text(mac)} báo cho mọi máy {len(said)} lần: nó là {name}, vốn của {mac_text(bearer)}",
                f"{mac_text(mac)} told everybody {len(said)} times to be {name}, as {mac_text(bearer)} is",
            )
            yield _spoof(mac, name, name, said, words)

    def _is_anothers(self, mac: int, owner: int) -> bool:
        """Whether another machine was heard to bear the address."""
        bearer = self._bearers.get(owner)
        if not owner or bearer is None or bearer == mac or is_one_machine(bearer, mac):
            return False
        return not is_virtual(mac) and not is_virtual(bearer)

    def _poses(self, mac: int, owner: int, now: int) -> _Posing:
        """One speaks in the name of another; after a long silence it is as if it never had."""
        posing = self._posing.get((mac, owner))
        if posing is None or now - posing.last_ns > SPOOF_NS:
            posing = self._posing.put((mac, owner), _Posing(now, now))
        posing.last_ns = now
        return posing

    def _asks_as(self, batch: Batch, at: int, mac: int, claim: tuple[int, int, int]) -> Iterator[Anomaly]:
        """One asks in the name of another: tell when the other is still there, and it asks the same host on and on."""
        owner, target, now = claim
        posing, heard_ns = self._poses(mac, owner, now), self._heard.get(owner)
        if heard_ns is None or now - heard_ns > ALIVE_NS:
            return
        key = (mac, owner, target)
        asked = self._questions.get(key) or self._questions.put(key, deque(maxlen=FRAMES))
        asked.append((now, int(batch.number[at])))
        while now - asked[0][0] > INSISTED_NS:
            asked.popleft()
        # Where the old bearer was not heard since, the newcomer may have taken its place; who announced it has.
        contested = heard_ns > posing.since_ns
        swift = contested and len(asked) >= UNASKED and now - asked[-UNASKED][0] <= SWIFT_NS
        insists = len(asked) >= INSISTED and (contested or not posing.announced)
        if (swift or insists) and self._told.due(mac, now, len(asked)):
            text, bearer = batch.addresses.text, mac_text(self._bearers.get(owner) or 0)
            words = (
                f"{mac_text(mac)} hỏi {text(target)} {len(asked)} lần dưới tên {text(owner)}, vốn của {bearer}",
                f"{mac_text(mac)} asked {text(target)} {len(asked)} times as {text(owner)}, which {bearer} is",
            )
            yield _spoof(mac, text(owner), text(target), asked, words)

    def _note_own(self, mac: int, owner: int) -> None:
        """Which addresses a host goes by when it asks, and when it is asked."""
        own = self._own.get(mac) or self._own.put(mac, deque(maxlen=OWN))
        if owner and owner not in own:
            own.append(owner)

    def _unasked(self, batch: Batch, at: int, mac: int, claim: tuple[int, int, int]) -> Iterator[Anomaly]:
        owner, target, now = claim
        claims = self._claims.get(mac) or self._claims.put(mac, _Claims())
        claims.seen.append((now, owner, target, int(batch.number[at])))
        while now - claims.seen[0][0] > SPOOF_NS:
            claims.seen.popleft()
        changes = self._owners.get(owner) or self._owners.put(owner, deque(maxlen=16))
        if not changes or not is_one_machine(changes[-1][1], mac):
            changes.append((now, mac))
        claimed = {one for _, one, _, _ in claims.seen}
        flips = sum(now - at_ns <= SPOOF_NS for at_ns, _ in changes) - 1
        # Whoever goes by one address and claims another is as suspicious as he who claims two.
        several = len(claimed.union(self._own.get(mac) or ())) >= CLAIMED
        spoofs = len(claims.seen) >= UNASKED and several and claims.repeated() >= REPEATED
        told = [at_ns for at_ns, *who, _ in claims.seen if who == [owner, target] and now - at_ns <= INSISTED_NS]
        insists = len(told) >= INSISTED or (len(told) >= UNASKED and now - told[-UNASKED] <= SWIFT_NS)
        taken = self._is_anothers(mac, owner)
        takes = taken and sum(one == owner for _, one, _, _ in claims.seen) >= UNASKED
        if (spoofs or takes or insists or flips >= FLIPS) and self._told.due(mac, now, len(claims.seen)):
            text = batch.addresses.text
            names = ", ".join(text(one) for one in sorted(claimed))
            yield Anomaly(
                name="arp_spoof",
                severity=Severity.HIGH,
                words=(
                    f"{mac_text(mac)} tự nhận là {names} dù không ai hỏi ({len(claims.seen)} lần)",
                    f"{mac_text(mac)} claimed to be {names}, unasked, {len(claims.seen)} times",
                ),
                source_ip=text(owner),
                source_mac=mac_text(mac),
                first_ns=claims.seen[0][0],
                last_ns=now,
                targets=[Target(text(one)) for one in sorted({to for _, _, to, _ in claims.seen})],
                counts={"packets": len(claims.seen), "claimed": len(claimed)},
                frames=[number for _, _, _, number in claims.seen],
            )


def _spoof(mac: int, owner: str, target: str, seen: "deque[tuple[int, int]]", words: tuple[str, str]) -> Anomaly:
    """One address claimed of its bearer; `seen` are times and numbers of the frames that do so."""
    return Anomaly(
        name="arp_spoof",
        severity=Severity.HIGH,
        words=words,
        source_ip=owner,
        source_mac=mac_text(mac),
        first_ns=seen[0][0],
        last_ns=seen[-1][0],
        targets=[Target(target)],
        counts={"packets": len(seen), "claimed": 1},
        frames=[number for _, number in seen],
    )
