# SPDX-License-Identifier: Apache-2.0
"""Which moves an alert can make. Decides only; `ledger` writes what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from giamsat_collector.alerts.alert import Alert, Change, State
from giamsat_collector.errors import RefusedError

NOTE_CHARACTERS: Final = 4_000
SYSTEM: Final = "system"
"""The actor of what nobody did by hand."""
OPENED: Final = "open"
SURFACED: Final = "surface"
CAUSED: Final = "cause"
BEHIND: Final = "behind"
RELEASED: Final = "release"
FOLDED: Final = "fold"
SAME: Final = "same"
UNFOLDED: Final = "unfold"
"""In the history of an alert, beside what people do: it began; it came into the queue when a maintenance was over; it
went from the queue behind the alert that names its cause; it stands there without having been in the queue meanwhile;
it came into the queue as the cause is over and it is not. The last three are the same with one that tells of the same:
it came into the queue as that one does not stand for it any more."""


class Action(StrEnum):
    """What a person, or the system, can do with an alert."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    WAIT = "wait"
    RESOLVE = "resolve"
    FALSE_POSITIVE = "false_positive"
    REOPEN = "reopen"
    NOTE = "note"


_OPEN: Final = frozenset({State.NEW, State.ACKNOWLEDGED, State.ASSIGNED, State.WAITING})
_CLOSED: Final = frozenset({State.RESOLVED, State.FALSE_POSITIVE})
MOVES: Final[Mapping[Action, tuple[frozenset[State], State | None]]] = {
    Action.ACKNOWLEDGE: (frozenset({State.NEW}), State.ACKNOWLEDGED),
    Action.ASSIGN: (_OPEN, State.ASSIGNED),
    Action.WAIT: (frozenset({State.ACKNOWLEDGED, State.ASSIGNED}), State.WAITING),
    Action.RESOLVE: (_OPEN, State.RESOLVED),
    Action.FALSE_POSITIVE: (_OPEN, State.FALSE_POSITIVE),
    Action.REOPEN: (_CLOSED, State.NEW),
    Action.NOTE: (_OPEN | _CLOSED, None),
}
"""From which states an action is allowed, and where it leads; None stays where it is."""
_TAKES: Final = frozenset({Action.ACKNOWLEDGE, Action.ASSIGN, Action.WAIT, Action.REOPEN})
"""Who does this with a consequence wants it in the queue, whatever stands for it."""
_NEEDS_NOTE: Final = frozenset({Action.RESOLVE, Action.FALSE_POSITIVE, Action.REOPEN, Action.NOTE})


class ConflictError(RefusedError):
    """Somebody else changed the alert in the meantime."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants: `owner` counts for assign only; `revision` is the one they were looking at, if they know."""

    action: Action
    actor: str
    owner: str | None = None
    note: str = ""
    revision: int | None = None


def legal(state: State) -> tuple[Action, ...]:
    """The actions allowed in a state."""
    return tuple(action for action, (states, _) in MOVES.items() if state in states)


def decide(alert: Alert, request: Request, now_ns: int) -> tuple[Alert, Change]:
    """The alert after the request, and the row its history gains.

    Raises:
        ConflictError: the alert is not what the actor was looking at.
        RefusedError: the move is not legal from here, or needs a note or an owner; the message names what is allowed.
    """
    if request.revision is not None and request.revision != alert.revision:
        raise ConflictError(
            "{id}: somebody else changed this alert meanwhile; look at it again, then decide", id=alert.id
        )
    states, leads_to = MOVES[request.action]
    if alert.state not in states:
        allowed = ", ".join(legal(alert.state))
        raise RefusedError(
            "{id}: {action} is not possible while {state}; possible: {allowed}",
            id=alert.id,
            action=request.action,
            state=alert.state,
            allowed=allowed,
        )
    note = request.note.strip()
    if request.action in _NEEDS_NOTE and not note:
        raise RefusedError("{id}: {action} needs a note that says why", id=alert.id, action=request.action)
    if len(note) > NOTE_CHARACTERS:
        raise RefusedError(
            "{id}: the note has {number} characters, at most {most}",
            id=alert.id,
            number=len(note),
            most=NOTE_CHARACTERS,
        )
    after = leads_to or alert.state
    owner = _owner(alert, request)
    changed = replace(alert, state=after, owner=owner, changed_ns=now_ns, revision=alert.revision + 1)
    if alert.cause is not None and request.action in _TAKES:
        changed = replace(changed, cause=None, surfaces_ns=None, relation=None)
    change = Change(alert.id, now_ns, request.actor, request.action, alert.state, after, owner, note)
    return changed, change


def _owner(alert: Alert, request: Request) -> str | None:
    match request.action:
        case Action.ASSIGN:
            owner = (request.owner or "").strip()
            if not owner or len(owner) > 64:  # noqa: PLR2004 - the width of the column
                raise RefusedError("{id}: assign needs the name of an owner, at most 64 characters", id=alert.id)
            return owner
        case Action.ACKNOWLEDGE:
            return alert.owner or request.actor
        case Action.REOPEN:
            return None
        case _:
            return alert.owner
