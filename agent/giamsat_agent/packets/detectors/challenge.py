# SPDX-License-Identifier: Apache-2.0
"""Logins refused by HTTP and SIP (ATT&CK T1110), whose servers refuse the first request of everybody to ask for more.

Only what is said to a request that brought a password counts, or may have. Where that is not seen, an answer
that lets in takes back a refusal, as whoever is let in was refused once before; and one that says how to go on is none.
Logins by forms, whose answers seldom say by their code that a password was wrong, are judged by what they try as well.
A server of SIP may say that it does not know who wants to log in.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

import numpy as np

from giamsat_agent.packets.anomaly import Anomaly
from giamsat_agent.packets.chunk import Numbers, true_at
from giamsat_agent.packets.columns.batch import Batch
from giamsat_agent.packets.columns.one_of import OneOf
from giamsat_agent.packets.columns.openings import HTTP, asks_web
from giamsat_agent.packets.detector import Room, Table
from giamsat_agent.packets.followed_connections import Followed, keys_of
from giamsat_agent.packets.payloads.credentials import bringer, brings_password
from giamsat_agent.packets.payloads.forms import MOVED, Outcome, Tried, awaited, in_body, outcome, tried
from giamsat_agent.packets.payloads.forms import REFUSES as FAILS
from giamsat_agent.packets.refused_logins import Refused
from giamsat_agent.packets.tried_passwords import Tries
from giamsat_agent.packets.unknown_users import UnknownUsers

SIP: Final = 5060
_SIP: Final = OneOf((SIP,))
POST: Final = int.from_bytes(b"POST", "little")
WORD: Final = 4
CODE_AT: Final = 8
"""Where the code of an answer is, in both protocols."""
REFUSES, SIP_REFUSES = frozenset({b"401"}), frozenset({b"401", b"403", b"407"})
LETS_IN: Final = frozenset(
    {b"200", b"201", b"202", b"204", b"206", b"207", b"301", b"302", b"303", b"304", b"404", b"409", b"500"}
)
CODES: Final = np.frombuffer(b"".join(b" " + code for code in sorted(REFUSES | LETS_IN | FAILS | MOVED)), np.uint32)
GOES_ON: Final = re.compile(
    rb"\r\n(?:www|proxy)-authenticate: *(?:(?:ntlm|negotiate) +[a-z0-9+/=]{8}|digest [^\r\n]{0,512}\bstale=\"?true)",
    re.IGNORECASE,
)
"""The server's part of a login that takes several rounds (RFC 4559, MS-NTHT), or a right password that came too late
(RFC 7616, section 3.3)."""
NAMED: Final = re.compile(rb"\r\n(?:call-id|i) *: *([^\r\n]{1,128})", re.IGNORECASE)
NUMBERED: Final = re.compile(rb"\r\ncseq *: *(\d{1,10}) +([a-z]+)", re.IGNORECASE)
"""What a request of SIP and its answer have in common (RFC 3261, section 8.2.6.2)."""
ASKS: Final = re.compile(rb"[A-Z]{3,16} [^\r\n]{1,512} SIP/2\.0\r\n")
LOGIN: Final = b"register"
NO_SUCH: Final = b"404"
WHOM: Final = re.compile(rb"\r\n(?:to|t) *:[^\r\n]{0,256}?sips?:([^@;>\r\n]{1,128})", re.IGNORECASE)
"""Whom a request is about (RFC 3261, section 20.39)."""
FORBIDDEN: Final = b"403"
"""A call that is not allowed; or, if the request was a login, its refusal."""
SEEN: Final = 8_192
"""Bytes of a segment that are looked at."""
FORMS: Final = 2_048
UNNAMED: Final = -1
"""In place of a user who is not named plainly: he is excused by nobody."""
REQUESTS: Final = 8_192
"""Requests whose answers are waited for."""
LOOKED_AT: Final = 4_096

_Key = tuple[int, ...]


class _Form(NamedTuple):
    """What was tried on a connection: for whom, which password by its hash, and whether that was a new one."""

    path: str
    who: _Key
    password: int
    new: bool


class Challenges:
    """Refused logins by client, server and port; requests by their connection, those of SIP by their number as well."""

    def __init__(self) -> None:
        self.room = Room()
        self._refused = Refused(self.room)
        self._unknown = UnknownUsers(self.room, "SIP", SIP)
        self._brought: Table[_Key, tuple[bool | None, int]] = Table(REQUESTS)
        self._tries = Tries(self.room)
        self._forms: Table[_Key, _Form] = Table(FORMS)
        """Forms whose answers are waited for, by their connection."""
        self._awaited: Table[_Key, str] = Table(FORMS)
        self._followed = Followed()

    def take(self, batch: Batch) -> Iterator[Anomaly]:
        """Look at the next frames."""
        web = _web(batch)[:LOOKED_AT]
        for at in batch.any_of(web, self._bodies(batch, web)).tolist():
            content = batch.content(at)[:SEEN]
            path = self._awaited.get(_from(batch, at)) if len(self._awaited) else None
            if path is not None and not asks_web(batch.opening[at : at + 1])[0]:
                yield from self._body(batch, at, path)
            elif not content.startswith(b"HTTP"):
                self._asked(batch, at, content, 0)
                yield from self._tried(batch, at, tried(content))
            elif len(self._forms) and (form := self._forms.get(_towards(batch, at))) is not None:
                yield from self._judged(batch, at, content, form)
            else:
                code = content[CODE_AT + 1 : CODE_AT + 4]
                refuses = REFUSES if code in REFUSES and not GOES_ON.search(content) else ()
                yield from self._answered(batch, at, code, ("HTTP", 0, refuses))
        datagrams = batch.udp[batch.held[batch.udp] > 0]
        for at in batch.any_of(_sip(batch, datagrams), batch.spoken_at(_SIP))[:LOOKED_AT].tolist():
            content = batch.content(at)
            named, numbered = NAMED.search(content), NUMBERED.search(content)
            number = hash((named and named[1], numbered and numbered[1]))
            if not content.startswith(b"SIP/"):
                if ASKS.match(content):
                    self._asked(batch, at, content, number)
                continue
            code, is_call = content[CODE_AT : CODE_AT + 3], bool(numbered and numbered[2].lower() != LOGIN)
            if code == NO_SUCH and not is_call:
                yield from self._nobody(batch, at, content, number)
            elif not (is_call and code == FORBIDDEN) and not GOES_ON.search(content):
                yield from self._answered(batch, at, code, ("SIP", number, SIP_REFUSES))

    def _nobody(self, batch: Batch, at: int, content: bytes, number: int) -> Iterator[Anomaly]:
        """A server does not know who wants to log in. From outside anybody can say so to who did not ask."""
        whom = WHOM.search(content)
        asked = self._brought.get((*_towards(batch, at), number)) is not None
        if whom and (asked or batch.addresses.is_inside(int(batch.source[at]))):
            yield from self._unknown.add(batch, at, hash(whom[1]))

    def _bodies(self, batch: Batch, web: Numbers) -> Numbers:
        """The places of what may be bodies of logins whose heads came alone."""
        for at in web[batch.opening[web] == POST].tolist():
            path = awaited(batch.content(at)[:SEEN])
            if path is not None:
                self._awaited.put(_from(batch, at), path)
                self._followed.add(keys_of(batch, np.array([at])))
        if not self._followed.some:
            return web[:0]
        said = batch.spoken[self._followed.among(keys_of(batch, batch.spoken))]
        bodies: Numbers = said[~asks_web(batch.opening[said]) & (batch.opening[said] != HTTP)][:LOOKED_AT]
        return bodies

    def _body(self, batch: Batch, at: int, path: str) -> Iterator[Anomaly]:
        """The body of a request that came after its head."""
        self._awaited.drop(_from(batch, at))
        self._followed.drop(keys_of(batch, np.array([at])))
        yield from self._tried(batch, at, in_body(path, batch.content(at)))

    def _tried(self, batch: Batch, at: int, login: Tried | None) -> Iterator[Anomaly]:
        """A login is tried by HTTP."""
        if login is None and not len(self._forms):
            return
        connection = _from(batch, at)
        self._forms.drop(connection)
        if login is None:
            return
        who = (*connection[:2], connection[3], hash((login.path, login.user)))
        new, in_vain = self._tries.add(who, login)
        self._forms.put(connection, _Form(login.path, who, hash(login.password), new))
        if in_vain:
            yield from self._refused.add_asked(batch, at, "HTTP", hash(who))

    def _judged(self, batch: Batch, at: int, content: bytes, form: "_Form") -> Iterator[Anomaly]:
        """What was tried is answered."""
        self._forms.drop(_towards(batch, at))
        said = outcome(content, form.path)
        whom = hash(form.who)
        if said is Outcome.LET_IN:
            taken = self._tries.let_in(form.who, form.password) and self._refused.take_back(batch, at, whom)
            # Who brings a password by a header was refused before, when it posted without one.
            if not taken and not form.path:
                self._refused.take_back(batch, at)
        # A program that still has an old password guesses nothing.
        if said is Outcome.REFUSED and self._tries.refused(form.who) and form.new:
            yield from self._refused.add(batch, at, "HTTP", whom)

    def _asked(self, batch: Batch, at: int, content: bytes, number: int) -> None:
        brought = brings_password(content)
        user = bringer(content) if brought else None
        self._brought.put((*_from(batch, at), number), (brought, 0 if user is None else hash(user) or UNNAMED))

    def _answered(
        self, batch: Batch, at: int, code: bytes, what: tuple[str, int, Collection[bytes]]
    ) -> Iterator[Anomaly]:
        service, number, refuses = what
        brought, whom = self._brought.get((*_towards(batch, at), number)) or (None, 0)
        if brought is False:
            return
        if code in LETS_IN:
            named = whom not in {0, UNNAMED}
            if not (named and self._refused.take_back(batch, at, whom)):
                # Who brings a password by a header was refused before, when nothing or a form brought none.
                self._refused.take_back(batch, at)
        elif code in refuses:
            yield from self._refused.add(batch, at, service, whom)


def _from(batch: Batch, at: int) -> _Key:
    """The connection of a request."""
    ends = (batch.source, batch.destination, batch.source_port, batch.destination_port)
    return tuple(int(column[at]) for column in ends)


def _towards(batch: Batch, at: int) -> _Key:
    """The same of its answer."""
    ends = (batch.destination, batch.source, batch.destination_port, batch.source_port)
    return tuple(int(column[at]) for column in ends)


def _web(batch: Batch) -> Numbers:
    """Requests, and the answers that refuse or let in."""
    web = batch.web[batch.held[batch.web] >= CODE_AT + WORD]
    answers = true_at(batch.opening[web] == HTTP)
    if not len(answers):
        return web
    view = np.ndarray((len(batch.data) - WORD + 1,), dtype=f"V{WORD}", buffer=batch.data, strides=(1,))
    codes = np.ascontiguousarray(view[batch.payload_at[web[answers]] + CODE_AT]).view(np.uint32)
    return np.delete(web, answers[~np.isin(codes, CODES)])


def _sip(batch: Batch, places: Numbers) -> Numbers:
    """What is said to SIP servers, or by them."""
    said: Numbers = places[(batch.source_port[places] == SIP) | (batch.destination_port[places] == SIP)]
    return said
