# SPDX-License-Identifier: Apache-2.0
"""How far a unit is with its enrolment, and what stands in the way. Decides on values."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from giamsat_collector.enrol.tokens import FAILURES, Issued
from giamsat_collector.sentence import Sentence


class State(StrEnum):
    """Where a unit stands."""

    DONE = "done"
    STUCK = "stuck"
    WAITING = "waiting"
    EXPIRED = "expired"
    NOT_INVITED = "not_invited"


@dataclass(frozen=True, slots=True)
class Step:
    """Where a unit stands and why; the reason names what to do next."""

    state: State
    why: str


def of(issued: Sequence[Issued], hosts: Sequence[str], now_ns: int) -> Step:
    """Judge one unit by its tokens and the states of its hosts (as `Fleet.state` names them)."""
    enrolled = [state for state in hosts if state != "revoked"]
    if "live" in enrolled:
        return Step(
            State.DONE, Sentence("{live} of {number} hosts live", live=enrolled.count("live"), number=len(enrolled))
        )
    return Step(State.STUCK, _host(enrolled)) if enrolled else _invited(issued, now_ns)


def _invited(issued: Sequence[Issued], now_ns: int) -> Step:
    open_ = [token for token in issued if token.used < token.uses]
    dead = [token for token in open_ if token.failures >= FAILURES]
    waiting = [token for token in open_ if token not in dead and token.expires_ns > now_ns]
    if waiting and all(token.waits for token in waiting):
        return Step(State.STUCK, Sentence("nobody has agreed to its token yet: enrol waiting, then enrol agree"))
    if any(token.failures for token in waiting):
        return Step(State.STUCK, Sentence("a wrong code was sent: help the unit type it, or issue a new letter"))
    if waiting:
        return Step(State.WAITING, Sentence("the letter was not used yet"))
    if dead:
        return Step(
            State.STUCK,
            Sentence("{number} wrong codes were sent, the token is dead: issue a new letter", number=FAILURES),
        )
    if issued:
        return Step(
            State.EXPIRED, Sentence("the token expired, was withdrawn or its host was revoked: issue a new letter")
        )
    return Step(State.NOT_INVITED, Sentence("no token was ever issued"))


def _host(states: Sequence[str]) -> str:
    if "locked" in states:
        return Sentence("a host's identity was copied: revoke it and enrol the host anew")
    if "silent" in states:
        return Sentence("enrolled and now silent: is the host on, and can it reach the collector?")
    if "stopped" in states:
        return Sentence("enrolled, and the agent was stopped: start it")
    return Sentence("enrolled and never seen: start the agent, and open the way to port 7443")
