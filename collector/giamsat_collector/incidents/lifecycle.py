# SPDX-License-Identifier: Apache-2.0
"""Which moves an incident can make. Decides only; `ledger` writes what was decided."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from giamsat_collector.alerts.lifecycle import NOTE_CHARACTERS, ConflictError
from giamsat_collector.errors import RefusedError
from giamsat_collector.incidents.incident import Change, Incident, Report, State

OPENED: Final = "open"
"""In the history of an incident, beside what people do with it: it began."""
DOCUMENT_CHARACTERS: Final = 200
_MINUTE_NS: Final = 60 * 10**9
"""People write when something was sent to the minute: that may be the minute in which it was detected."""


class Action(StrEnum):
    """What a person can do with an incident."""

    ADD = "add"
    REMOVE = "remove"
    CHANGE = "change"
    NOTE = "note"
    SENT = "sent"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    REOPEN = "reopen"


_OPEN: Final = frozenset({State.OPEN})
MOVES: Final[Mapping[Action, tuple[frozenset[State], State | None]]] = {
    Action.ADD: (_OPEN, None),
    Action.REMOVE: (_OPEN, None),
    Action.CHANGE: (_OPEN, None),
    Action.NOTE: (frozenset(State), None),
    Action.SENT: (_OPEN, None),
    Action.WITHDRAW: (_OPEN, None),
    Action.CLOSE: (_OPEN, State.CLOSED),
    Action.REOPEN: (frozenset({State.CLOSED}), State.OPEN),
}
"""From which states an action is allowed, and where it leads; None stays where it is."""
_NEEDS_NOTE: Final = frozenset({Action.REMOVE, Action.NOTE, Action.WITHDRAW, Action.CLOSE, Action.REOPEN})
_OF_REPORTS: Final = frozenset({Action.SENT, Action.WITHDRAW})
JUDGED: Final = frozenset(
    {"group", "serious", "security_interest", "interruption", "personal_data", "persons", "detected_ns"}
)
"""What decides about reports and deadlines: who changes one of these says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants. `values` are fields and what they are to be, for a change; `alerts` those to add or remove.

    `report`, `document` and `sent_ns` are of a report that was sent, or of one that is withdrawn. `revision` is the one
    they were looking at, if they know.
    """

    action: Action
    actor: str
    note: str = ""
    revision: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()
    report: Report | None = None
    document: str = ""
    sent_ns: int = 0


def legal(state: State) -> tuple[Action, ...]:
    """The actions allowed in a state."""
    return tuple(action for action, (states, _) in MOVES.items() if state in states)


def decide(
    incident: Incident, request: Request, now_ns: int, unsent: Collection[Report] = ()
) -> tuple[Incident, Change]:
    """The incident after the request, and the row its history gains; `unsent` are reports that are still owed.

    Raises:
        ConflictError: the incident is not what the actor was looking at.
        RefusedError: the move is not legal from here, or lacks something; the message says what.
    """
    number = incident.number
    if request.revision is not None and request.revision != incident.revision:
        raise ConflictError(
            "{number}: somebody else changed this incident meanwhile; look at it again, then decide", number=number
        )
    states, leads_to = MOVES[request.action]
    if incident.state not in states:
        allowed = ", ".join(legal(incident.state))
        raise RefusedError(
            "{number}: {action} is not possible while {state}; possible: {allowed}",
            number=number,
            action=request.action,
            state=incident.state,
            allowed=allowed,
        )
    note = request.note.strip()
    if request.action in _NEEDS_NOTE and not note:
        raise RefusedError("{number}: {action} needs a note that says why", number=number, action=request.action)
    if len(note) > NOTE_CHARACTERS:
        raise RefusedError(
            "{number}: the note has {length} characters, at most {most}",
            number=number,
            length=len(note),
            most=NOTE_CHARACTERS,
        )
    if request.action is Action.CLOSE and unsent:
        raise RefusedError(
            "{number}: not closed, as reports are owed and not sent: {reports}; record them with "
            "'giamsat-collector incidents sent {number}', or say with 'incidents change' that it is not serious",
            number=number,
            reports=", ".join(sorted(unsent)),
        )
    if request.action in _OF_REPORTS and request.report is None:
        raise RefusedError("{number}: say which report: {possible}", number=number, possible=", ".join(Report))
    changed, details = _done(incident, request, note, now_ns)
    after = leads_to or incident.state
    changed = replace(changed, state=after, revision=incident.revision + 1)
    return changed, Change(number, now_ns, request.actor, request.action, incident.state, after, details, note)


def _done(incident: Incident, request: Request, note: str, now_ns: int) -> tuple[Incident, Mapping[str, object]]:
    """The incident with what the action changes in it, and what its history says was changed."""
    match request.action:
        case Action.CHANGE:
            return _changed(incident, request.values, note)
        case Action.ADD | Action.REMOVE:
            return incident, {"alerts": list(request.alerts)}
        case Action.SENT:
            return incident, _sent(incident, request, now_ns)
        case Action.WITHDRAW:
            return incident, {"report": request.report}
        case Action.CLOSE | Action.REOPEN:
            return replace(incident, closed_ns=now_ns if request.action is Action.CLOSE else None), {}
        case Action.NOTE:
            return incident, {}


def _changed(incident: Incident, values: Mapping[str, Any], note: str) -> tuple[Incident, Mapping[str, object]]:
    details = {name: [getattr(incident, name), new] for name, new in values.items() if getattr(incident, name) != new}
    if not details:
        raise RefusedError("{number}: nothing is different from what stands there", number=incident.number)
    judged = sorted(details.keys() & JUDGED)
    if judged and not note:
        raise RefusedError(
            "{number}: who changes {fields} says why (--reason)", number=incident.number, fields=", ".join(judged)
        )
    changed = replace(incident, **values)
    return (replace(changed, detected_why=note) if "detected_ns" in details else changed), details


def _sent(incident: Incident, request: Request, now_ns: int) -> Mapping[str, object]:
    if not request.document.strip() or len(request.document) > DOCUMENT_CHARACTERS:
        raise RefusedError(
            "{number}: a report was sent by the number of a document, at most {most} characters (--document)",
            number=incident.number,
            most=DOCUMENT_CHARACTERS,
        )
    if not incident.detected_ns // _MINUTE_NS * _MINUTE_NS <= request.sent_ns <= now_ns:
        raise RefusedError(
            "{number}: a report is sent after the detection and not in the future (--at)", number=incident.number
        )
    return {"report": request.report, "document": request.document.strip(), "sent_ns": request.sent_ns}
