# SPDX-License-Identifier: Apache-2.0
"""Which product a line is from, and what it says: the one door from bytes to events.

A syslog program's name decides first, then named values, then the words of the text. What no product and no general
reading knows is kept as a log-message whose parser is None.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Final

import msgspec

from giamsat_agent import ecs
from giamsat_agent.interpreter import everything, identity, is_credible, unrepeated
from giamsat_agent.log import LINE_BYTES, Entry
from giamsat_agent.message import Meaning
from giamsat_agent.messages import pam, slapd
from giamsat_agent.parsers import (
    access_log,
    audit_records,
    dovecot_sessions,
    ecs_aliases,
    framing,
    ike_peers,
    modsecurity,
    sentence_endpoints,
    sign_in,
    stamp,
    typed_values,
    unknown_product,
    x_forwarded_for,
)
from giamsat_agent.parsers.audit_records import AuditRecords
from giamsat_agent.parsers.columns import split
from giamsat_agent.parsers.dovecot_sessions import DovecotSessions
from giamsat_agent.parsers.framing import Framing
from giamsat_agent.parsers.ike_peers import IkePeers
from giamsat_agent.parsers.moment import Moments
from giamsat_agent.parsers.parsed_line import Framed
from giamsat_agent.parsers.plan import PLAIN, of_values
from giamsat_agent.parsers.product import Product
from giamsat_agent.parsers.product_catalogue import known
from giamsat_agent.parsers.special_forms import special
from giamsat_wire.record import Event, FieldValue

LEVELS: Final = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")
_CONTAINER: Final = "log"
_WRAPPERS: Final = frozenset({_CONTAINER, "message", "msg"})
"""Where container engines and log shippers put the line of another program."""
_NUMBER: Final = frozenset({"event.code"})
_STRUCTURED: Final = frozenset({"json", "cef", "leef", "windows-xml"})
"""Forms whose values have names; where they stand in the text says nothing."""
_HEADED: Final = frozenset("0123456789[*<")
"""How a message begins that has a header of its own."""
_TEXTS: Final = 2
"""A message and its line; where there are more, the second stands behind a header inside syslog's."""
_CONTROL: Final = "\0\r\n\ufeff"


class Recognized(msgspec.Struct, frozen=True):
    """One event and the name of the parser that understood the line; None when none did."""

    parser: str | None
    event: Event


class _Understood(msgspec.Struct, frozen=True):
    """What a line says; `wall_ns` is when, where a line before it told."""

    parser: str | None
    meanings: Iterable[Meaning]
    wall_ns: int | None = None


class _Moment(msgspec.Struct, frozen=True):
    """Which event of its line this is, when the line was read, and when it was as a line before it told."""

    number: int
    now_ns: int
    mono_ns: int
    told_ns: int | None


class Recognizer:
    """Reads lines of one source; remembers what the parsers of that source have to remember."""

    def __init__(
        self,
        *,
        zone: tzinfo,
        origin: Mapping[str, FieldValue],
        proxies: x_forwarded_for.Proxies = x_forwarded_for.UNDECLARED,
    ) -> None:
        """Times without a zone are in `zone`; every event carries the fields of `origin`; `proxies` are believed."""
        self._moments = Moments(zone=zone)
        self._framing = Framing(self._moments)
        self._origin = dict(origin)
        self._proxies = proxies
        self._begun: dict[str, dict[str, FieldValue]] = {}  # the fields that all events of a kind have
        programs = everything()
        self._host_programs = programs.also(dict.fromkeys(slapd.PROGRAMS, slapd.Slapd())).by_program
        self._pam = pam.Pam()
        self._known = known()
        self._audit = AuditRecords()
        self._ike = IkePeers()
        self._dovecot = DovecotSessions()
        self._audited = modsecurity.Audited()

    def recognize(self, raw: bytes, *, key: bytes, now_ns: int, mono_ns: int) -> Iterator[Recognized]:
        """The events of one line, at least one. `now_ns` gives missing years and the time of lines without one."""
        line = raw[:LINE_BYTES].decode("utf-8", "backslashreplace").strip(_CONTROL)
        framed = self._framing.frame(line, now_ns=now_ns)
        entry = Entry(framed.program, framed.text, 0, key, framed.pid, framed.host, line)
        times, entry = unrepeated(entry)
        number = 0
        for _ in range(times):
            understood = self._understand(framed, entry)
            meanings = tuple(understood.meanings) or (Meaning(PLAIN),)
            for meaning in meanings:
                at = _Moment(number, now_ns, mono_ns, understood.wall_ns)
                yield Recognized(understood.parser, self._event(framed, meaning, entry, at))
                number += 1

    def _understand(self, framed: Framed, entry: Entry) -> _Understood:
        if framed.form != "syslog" and (audited := self._audited.line(framed.line, framed.wall_ns)) is not None:
            return _Understood("modsecurity", audited, self._audited.wall_ns)
        if framed.values and not entry.text and (found := self._of_product(framed)) is not None:
            # RFC 5424's parameters say everything, whatever program is named.
            return found
        if framed.program and (found := self._of_program(framed, entry)) is not None:
            return found
        if framed.values and (found := self._of_named(framed)) is not None:
            return found
        return self._of_words(framed, entry.text) or _Understood(None, ())

    def _of_program(self, framed: Framed, entry: Entry) -> _Understood | None:
        """What the program said whose name stands in syslog's header."""
        if entry.text.startswith("pam_"):
            return _Understood("pam", self._pam.parse(entry))
        program = framed.program.rpartition("/")[2] if framed.program.startswith("/") else framed.program
        if (formed := special(program, entry.text)) is not None:
            return _of_parser(formed)
        parser = self._host_programs.get(program)
        if parser is not None:
            told = tuple(parser.parse(entry)) if is_credible(entry) else ()
            return _Understood(type(parser).__name__.lower(), told or self._aside(program, entry.text))
        product = self._known.of_program(program)
        if product is None:
            return None
        meaning = unknown_product.first(product.of_text, self._texts(framed, entry.text))
        if meaning is None and framed.values:
            own = product.own(framed.values)
            if own is None and (found := self._of_product(framed)) is not None:
                # A device that names its parts as others do: `httpd` of a firewall is its own.
                return found
            meaning = None if own is None else of_values(product, own)
        if meaning is None:
            meaning = access_log.combined(entry.text) or sign_in.of_text(entry.text)
        if product.name == ike_peers.PRODUCT:
            meaning = self._ike.join(entry.text, meaning)
        again = product.name == dovecot_sessions.PRODUCT and self._dovecot.told(entry.text, meaning)
        if meaning is not None and (again or self._pam.told(entry, meaning)):
            meaning = Meaning(PLAIN, meaning.fields)
        fixed = product.fixed if meaning is None else {**product.fixed, **meaning.fields}
        return _Understood(product.name, (Meaning(PLAIN if meaning is None else meaning.kind, fixed),))

    def _aside(self, program: str, text: str) -> tuple[Meaning, ...]:
        """What a program of the host says that its own parser does not count."""
        product = self._known.of_program(program)
        text = text.removeprefix("error: ").removeprefix("fatal: ")
        meaning = None if product is None else product.of_text(text)
        return () if meaning is None else (meaning,)

    def _of_named(self, framed: Framed) -> _Understood | None:
        """What named values say: of a product that has such names, or by well-known names."""
        if (found := self._of_product(framed)) is not None:
            return found
        if framed.form == "json" and (wrapped := self._wrapped(framed)) is not None:
            return wrapped
        general = ecs_aliases.meaning(framed.values)
        if general is None:
            formed = special("", ecs_aliases.words(framed.values))
            return None if formed is None else _of_parser(formed)
        return _Understood(framed.form, (sign_in.unverified(general) if framed.program else general,))

    def _of_product(self, framed: Framed) -> _Understood | None:
        """What named values say of a product that has such names."""
        values = framed.values
        for owner in self._known.of_values(tuple(values)):
            if (own := owner.own(values)) is not None:
                meaning = _described(owner.product, owner.meaning(own), own)
                if owner.product.name == audit_records.PRODUCT:
                    meaning = self._audit.join(values, meaning)
                return _Understood(owner.product.name, (meaning,))
        return None

    def _wrapped(self, framed: Framed) -> _Understood | None:
        """What a line says that a shipper or a container's log driver put into an object."""
        name = next((name for name in framed.values if name.rpartition(".")[2] in _WRAPPERS), "")
        text = framed.values.get(name, "").strip()
        # A message that is a whole line has a header of its own; a container engine's `log` is always one.
        if " " not in text or (name != _CONTAINER and text[0] not in _HEADED):
            return None
        # Docker's log driver carries the objects of applications, whose named values tell more than words.
        inner = framing.named(text) if text.startswith("{") else None
        if inner is not None:
            return self._of_named(Framed(inner[0], text, text, values=inner[1]))
        found = self._of_words(Framed("application", text, text), text)
        return None if found is None or found.parser == "sign-in" else found

    def _texts(self, framed: Framed, text: str) -> tuple[str, ...]:
        """The message, the message after a header of its own inside syslog's, and the whole line; each once."""
        inner = text
        if framed.form == "syslog" and text[:1] in _HEADED:
            inner = text[self._framing.inner(text) :]
        return tuple(dict.fromkeys((text, inner, framed.line)))

    def _of_words(self, framed: Framed, text: str) -> _Understood | None:
        # A virtual host before the peer looks like an application's class name.
        if (meaning := access_log.combined(framed.line if framed.form == "application" else text)) is not None:
            return _Understood("access-log", (meaning,))
        if (formed := special(framed.program, text)) is not None:
            return _of_parser(formed)
        if (found := self._of_columns(text)) is not None:
            return found
        texts = self._texts(framed, text)
        if len(texts) > _TEXTS and (found := self._of_columns(texts[1])) is not None:
            return found
        if (owned := self._known.of_text.find(texts, line=framed.line, program=framed.program)) is not None:
            return _Understood(owned[0].name, (_or_words(*owned, text),))
        placed = None if framed.form in _STRUCTURED else unknown_product.placed(texts)
        told = placed or unknown_product.by_words(texts, line=framed.line, relayed=framed.form == "syslog")
        return None if told is None else _of_parser(told)

    def _of_columns(self, text: str) -> _Understood | None:
        """What comma-separated values say of a product that has such columns."""
        if len(text.split(",", 4)) == 5:  # noqa: PLR2004 - no product writes fewer columns
            columns = split(text, self._known.columns_most)
            for product in self._known.of_columns:
                if (values := product.of_columns(columns)) is not None:
                    return _Understood(product.name, (_described(product, of_values(product, values), values),))
        return None

    def _event(self, framed: Framed, meaning: Meaning, entry: Entry, at: _Moment) -> Event:
        begun = self._begun.get(meaning.kind)
        if begun is None:
            begun = self._begun[meaning.kind] = {**ecs.of_kind(meaning.kind), **self._origin}
        fields = begun.copy()
        fields["event.id"] = identity(entry.key, at.number)
        fields["event.original"] = entry.raw
        fields["message"] = entry.text[: typed_values.VALUE_CHARACTERS]
        if framed.host:
            fields["host.name"] = framed.host
        if framed.program:
            fields["process.name"] = framed.program
        if framed.pid:
            fields["process.pid"] = framed.pid
        if framed.priority is not None:
            fields["log.syslog.priority"] = framed.priority
            fields["log.level"] = LEVELS[framed.priority & 7]
        fields.update(meaning.fields)
        if x_forwarded_for.CLAIM in fields:
            self._proxies.resolve(fields)
        if framed.host and "observer.vendor" in fields:
            fields.setdefault("observer.name", framed.host)
        wall_ns = at.told_ns
        if wall_ns is None:
            wall_ns = stamp.of(framed, moments=self._moments, now_ns=at.now_ns)
        wall_ns = at.now_ns if wall_ns is None else wall_ns
        return Event(meaning.kind, wall_ns, at.mono_ns, fields)


def _of_parser(formed: tuple[str, Meaning]) -> _Understood:
    return _Understood(formed[0], (formed[1],))


def _described(product: Product, meaning: Meaning, values: Mapping[str, str]) -> Meaning:
    """What a product's values say, and its words where the values name no event, or not who logged in."""
    if meaning.kind == sign_in.LOGIN and not meaning.fields.keys() >= sign_in.WHO:
        told = sign_in.of_text(ecs_aliases.words(values))
        said = {} if told is None else {name: told.fields[name] for name in sign_in.WHO & told.fields.keys()}
        return Meaning(meaning.kind, {**said, **meaning.fields})
    if meaning.kind != PLAIN:
        return meaning
    spoken = values.get("message", ""), ecs_aliases.words(values)
    told = unknown_product.first(product.of_text, spoken) or ecs_aliases.meaning(values)
    return meaning if told is None else Meaning(told.kind, {**told.fields, **meaning.fields})


def _or_words(product: Product, meaning: Meaning, text: str) -> Meaning:
    """A message, and what its words tell of a login or of two ends if the product knows no more than its number."""
    unknown = meaning.kind == PLAIN and meaning.fields.keys() - product.fixed.keys() <= _NUMBER
    told = (sign_in.of_text(text) or sentence_endpoints.of_text(text)) if unknown else None
    return meaning if told is None else Meaning(told.kind, {**told.fields, **meaning.fields})
