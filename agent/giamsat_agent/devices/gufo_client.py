# SPDX-License-Identifier: Apache-2.0
"""Asking a device by SNMP through gufo-snmp: bounded in time and rows, and with errors in our words."""

import contextlib
import socket
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import gufo.snmp as gufo
from gufo.snmp.sync import SnmpSession

from giamsat_agent.address import plain
from giamsat_agent.devices import usm_diagnosis
from giamsat_agent.devices.credential import Community, Credential, User
from giamsat_agent.devices.errors import CredentialError, CutError, RefusedError, SilentError, UserError
from giamsat_agent.devices.reading import Rows, Value

PORT: Final = 161
AT_ONCE: Final = 16
"""Objects asked for in one message: more and an answer may not fit into a datagram."""
STEPS: Final = (50, 25, 6, 1)
"""Rows asked for in one message, and fewer when no answer comes: some agents cannot build a long one."""
SURE: Final = 6
"""Texts of 255 characters that one message of SNMPv3 may hold here; a longer one gufo-snmp takes for the end."""
ANSWERS: Final = 2_000
"""Answers in a row after which more rows are asked for again: some twenty polls of a switch."""
ROWS: Final = 20_000
"""Rows of one table; an agent that loops or lies is left there."""
TRIES: Final = 2
UPTIME: Final = "1.3.6.1.2.1.1.3.0"
_AUTHENTICATIONS: Final[Mapping[str, type[gufo.BaseAuthKey]]] = {
    "MD5": gufo.Md5Key,
    "SHA1": gufo.Sha1Key,
    "SHA224": gufo.Sha224Key,
    "SHA256": gufo.Sha256Key,
    "SHA384": gufo.Sha384Key,
    "SHA512": gufo.Sha512Key,
}
_PRIVACIES: Final[Mapping[str, type[gufo.BasePrivKey]]] = {
    "DES": gufo.DesKey,
    "AES128": gufo.Aes128Key,
    "AES192": gufo.Aes192Key,
    "AES256": gufo.Aes256Key,
}


class Device:
    """A session with one device."""

    def __init__(self, host: str, port: int, credential: Credential, *, timeout_s: float) -> None:
        """Open a session; with a version-3 user the device is asked whether it is there.

        Raises:
            SilentError, RefusedError: it does not answer, or not to this user, and why.
            CredentialError: the user cannot be used at all.
        """
        self.address = f"{host}:{port}"
        self._place = (host, port, timeout_s)
        self._credential = credential
        self._session = self._opened()
        self._old = isinstance(credential, Community) and credential.version == 1
        self._step = self._least = len(STEPS) - 1 if self._old else 0
        self._answered = 0

    def get(self, oids: Iterable[str]) -> dict[str, Value]:
        """The objects the device has, of these.

        Raises:
            SilentError, RefusedError: nothing came back, or a refusal.
        """
        wanted = [oid.lstrip(".") for oid in oids]
        try:
            return self._read(wanted)
        except (SilentError, UserError):
            if isinstance(self._credential, Community):
                raise
        # A device that was restarted does not answer a session of before; what a new one brings decides.
        self._session = self._opened()
        with self._explained():
            return self._read(wanted)

    def _read(self, wanted: list[str]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        at_once = SURE if isinstance(self._credential, User) else AT_ONCE
        for start in range(0, len(wanted), at_once):
            part = wanted[start : start + at_once]
            try:
                answer = self._tried(part)
            except UserError:
                raise
            except RefusedError:
                if len(part) == 1:
                    raise
                answer = self._one_by_one(part)  # together they are too long
            if not answer and self._old:
                # RFC 1157, section 4.1.2: one object that a device has not, and it says nothing of the others.
                answer = self._one_by_one(part)
            found.update({f".{oid}": value for oid, value in answer.items() if value is not None})
        return found

    def _one_by_one(self, oids: list[str]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for oid in oids:
            found |= self._tried([oid])
        return found

    def _opened(self) -> SnmpSession:
        host, port, timeout_s = self._place
        with self._explained():
            return _session(host, port, self._credential, timeout_s)

    def has(self, oid: str) -> bool:
        """Whether there is anything below an object.

        Raises:
            SilentError, RefusedError: nothing came back, or a refusal.
        """
        for attempt in range(TRIES):
            try:
                with _translated(self.address):
                    return next(iter(self._session.getnext(oid.lstrip("."))), None) is not None
            except SilentError:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("the last try raises or returns")

    def walk(self, oid: str) -> Iterator[Rows]:
        """Every object below one, answer by answer; what comes a second time or is beyond ROWS ends it.

        A device that does not answer is asked for fewer rows at once, and so from then on if that helps.

        Raises:
            SilentError, RefusedError: nothing came back, or a refusal.
        """
        top = oid.lstrip(".")
        cut = len(top) + 1
        told: set[str] = set()
        for step in range(self._first(), len(STEPS)):
            seen: dict[str, Value] = {}
            try:
                with _translated(self.address):
                    for answer in self._answers(top, STEPS[step]):
                        before = len(seen)
                        seen.update(answer)
                        ended = len(seen) < before + len(answer) or len(seen) > ROWS
                        fresh = list(_first_time(answer, {*islice(seen, before)})) if ended else answer
                        if told:
                            fresh = [(name, value) for name, value in fresh if name not in told]
                        if fresh:
                            self._learned(step)
                            yield [(name[cut:], value) for name, value in fresh]
                        if ended:
                            return
            except (SilentError, RefusedError) as error:
                if step == len(STEPS) - 1:
                    raise
                told |= seen.keys()
                if isinstance(error, CutError) and not told and not self.has(oid):
                    return
            else:
                return

    def _first(self) -> int:
        """How to ask: as was answered last, or after ANSWERS in a row for more rows again, as a line may mend."""
        if self._answered >= ANSWERS and self._step > self._least:
            return self._step - 1
        return self._step

    def _learned(self, step: int) -> None:
        self._answered = self._answered + 1 if step == self._step else 0
        self._step = step

    def _answers(self, oid: str, at_once: int) -> Iterator[list[tuple[str, Value]]]:
        if at_once == 1:
            for row in self._session.getnext(oid):
                yield [row]
            return
        # gufo-snmp hands rows out one by one; those that came with one are taken at once. None is the end.
        rows: Any = self._session.getbulk(oid, at_once)
        for first in rows:
            answer, rows._buffer = [first, *rows._buffer], []  # noqa: SLF001 - see above
            ended = answer[-1] is None
            yield answer[:-1] if ended else answer
            if ended:
                return
        if isinstance(self._credential, User) and at_once > SURE:
            raise CutError(f"{self.address}: an answer of {at_once} rows is too long, or the device has no more")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """A version-3 user who is not accepted is told why."""
        try:
            yield
        except (SilentError, UserError) as error:
            if not isinstance(self._credential, User):
                raise
            host, port, timeout_s = self._place
            raise usm_diagnosis.explained(host, port, self._credential, timeout_s, signed=self._signed) from error

    def _signed(self, user: User) -> None:
        host, port, timeout_s = self._place
        session = _session(host, port, user, timeout_s)
        with _translated(self.address):
            session.get(UPTIME)

    def _tried(self, oids: list[str]) -> dict[str, Value]:
        for attempt in range(TRIES):
            try:
                with _translated(self.address):
                    return dict(self._session.get_many(oids))
            except SilentError:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("the last try raises or returns")


def numeric(host: str) -> str:
    """The address of a host that may be given by its name, which gufo-snmp does not look up.

    Raises:
        SilentError: the name is not known.
    """
    if plain(host) is not None:
        return host
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        why = (isinstance(error, OSError) and error.strerror) or "it is no name"
        raise SilentError(
            f"{host[:64]}: không có tên hoặc địa chỉ này; ghi địa chỉ IP, hoặc sửa DNS / "
            f"no such name or address ({why}); write an IP address, or mend DNS"
        ) from error


def _first_time(answer: Rows, seen: set[str]) -> Iterator[tuple[str, Value]]:
    """Rows up to the first that comes a second time or is beyond ROWS."""
    for name, value in answer:
        if name in seen or len(seen) >= ROWS:
            return
        seen.add(name)
        yield name, value


@contextlib.contextmanager
def _translated(address: str) -> Iterator[None]:
    try:
        yield
    except (TimeoutError, BlockingIOError) as error:
        raise SilentError(
            f"{address}: quá thời gian, không trả lời; xem lại địa chỉ, cổng, danh sách được phép hỏi của thiết bị, và "
            "community (sai community thiết bị cũng im lặng) / timeout: no answer; check the address, the port and the "
            "device's list of those who may ask; a wrong community is answered by silence too"
        ) from error
    except gufo.SnmpAuthError as error:
        raise UserError(f"{address}: the user or a key is not accepted: {error}") from error
    except (gufo.SnmpError, RuntimeError) as error:
        raise RefusedError(f"{address}: the answer cannot be used: {type(error).__name__} {error}") from error
    except OSError as error:
        raise SilentError(f"{address}: {error.strerror or error}; is the port open?") from error
    except BaseException as error:
        # gufo-snmp panics at an answer that ends too early; what a panic becomes is no Exception and has no module.
        if type(error).__name__ != "PanicException":
            raise
        raise RefusedError(f"{address}: the answer cannot be used: it is malformed ({error})") from error


def _session(host: str, port: int, credential: Credential, timeout_s: float) -> SnmpSession:
    if isinstance(credential, Community):
        version = gufo.SnmpVersion.v1 if credential.version == 1 else gufo.SnmpVersion.v2c
        with _translated(f"{host}:{port}"):
            return SnmpSession(numeric(host), port, credential.word, version=version, timeout=timeout_s)
    try:
        session = SnmpSession(
            numeric(host), port, user=_user(credential), version=gufo.SnmpVersion.v3, timeout=timeout_s
        )
    except ValueError as error:
        raise CredentialError(f"user {credential.name}: {error}") from error
    with _translated(f"{host}:{port}"):
        session.refresh()
    return session


def _user(credential: User) -> gufo.User:
    auth = priv = None
    if credential.authentication:
        auth = _AUTHENTICATIONS[credential.authentication](credential.auth_key.encode())
    if credential.privacy and credential.privacy not in _PRIVACIES:
        raise CredentialError(f'user {credential.name}: privacy {credential.privacy} needs library = "pysnmp"')
    if credential.privacy:
        priv = _PRIVACIES[credential.privacy](credential.priv_key.encode())
    return gufo.User(credential.name, auth_key=auth, priv_key=priv)
