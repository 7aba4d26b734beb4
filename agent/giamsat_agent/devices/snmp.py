# SPDX-License-Identifier: Apache-2.0
"""Asking a device by SNMP through gufo-snmp: bounded in time and rows, and with errors in our words."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import gufo.snmp as gufo
from gufo.snmp.sync import SnmpSession

from giamsat_agent.devices.credential import Community, Credential, User
from giamsat_agent.devices.errors import CredentialError, RefusedError, SilentError
from giamsat_agent.devices.reading import Value

PORT: Final = 161
AT_ONCE: Final = 16
"""Objects asked for in one message: more and an answer may not fit into a datagram."""
STEPS: Final = (25, 25, 8, 1)
"""Rows asked for in one message, and again, and fewer when no answer comes: some agents cannot build a long one."""
ROWS: Final = 20_000
"""Rows of one table; an agent that loops or lies is left there."""
TRIES: Final = 2
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
        self.address = f"{host}:{port}"
        self._session = _session(host, port, credential, timeout_s)
        old = isinstance(credential, Community) and credential.version == 1
        self._step = len(STEPS) - 1 if old else 0

    def get(self, oids: Iterable[str]) -> dict[str, Value]:
        """The objects the device has, of these.

        Raises:
            SilentError, RefusedError: nothing came back, or a refusal.
        """
        found: dict[str, Value] = {}
        wanted = [oid.lstrip(".") for oid in oids]
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            answer = self._tried(part)
            found.update({f".{oid}": value for oid, value in answer.items() if value is not None})
        return found

    def has(self, oid: str) -> bool:
        """Whether there is anything below an object.

        Raises:
            SilentError, RefusedError: nothing came back, or a refusal.
        """
        for attempt in range(TRIES):
            try:
                with self._translated():
                    return next(iter(self._session.getnext(oid.lstrip("."))), None) is not None
            except SilentError:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("the last try raises or returns")

    def walk(self, oid: str) -> Iterator[tuple[str, Value]]:
        """Every object below one; what comes a second time or is beyond ROWS ends it.

        A device that does not answer is asked for fewer rows at once, and so from then on if that helps.

        Raises:
            SilentError, RefusedError: nothing came back, or a refusal.
        """
        told: set[str] = set()
        for step in range(self._step, len(STEPS)):
            seen: set[str] = set()
            try:
                with self._translated():
                    for name, value in self._rows(oid.lstrip("."), STEPS[step]):
                        if name in seen or len(seen) >= ROWS:
                            return
                        seen.add(name)
                        if name not in told:
                            self._step = step
                            yield f".{name}", value
            except (SilentError, RefusedError):
                if step == len(STEPS) - 1:
                    raise
                told |= seen
            else:
                return

    def _rows(self, oid: str, at_once: int) -> Iterator[tuple[str, Value]]:
        return iter(self._session.getnext(oid) if at_once == 1 else self._session.getbulk(oid, at_once))

    def _tried(self, oids: list[str]) -> dict[str, Value]:
        for attempt in range(TRIES):
            try:
                with self._translated():
                    return dict(self._session.get_many(oids))
            except SilentError:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("the last try raises or returns")

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (TimeoutError, BlockingIOError) as error:
            raise SilentError(
                f"{self.address}: no answer; check the address, the port and the device's list of those who may ask; "
                "a wrong community is answered by silence too"
            ) from error
        except gufo.SnmpAuthError as error:
            raise RefusedError(
                f"{self.address}: the user or a key is not accepted ({error}); "
                "check name, authentication, privacy and both keys"
            ) from error
        except (gufo.SnmpError, RuntimeError) as error:
            raise RefusedError(f"{self.address}: the answer cannot be used: {type(error).__name__} {error}") from error
        except OSError as error:
            raise SilentError(f"{self.address}: {error.strerror or error}; is the port open?") from error
        except BaseException as error:
            # gufo-snmp panics at an answer that ends too early; what a panic becomes is no Exception and has no module.
            if type(error).__name__ != "PanicException":
                raise
            raise RefusedError(f"{self.address}: the answer cannot be used: it is malformed ({error})") from error


def _session(host: str, port: int, credential: Credential, timeout_s: float) -> SnmpSession:
    if isinstance(credential, Community):
        version = gufo.SnmpVersion.v1 if credential.version == 1 else gufo.SnmpVersion.v2c
        return SnmpSession(host, port, credential.word, version=version, timeout=timeout_s)
    try:
        session = SnmpSession(host, port, user=_user(credential), version=gufo.SnmpVersion.v3, timeout=timeout_s)
        session.refresh()
    except ValueError as error:
        raise CredentialError(f"user {credential.name}: {error}") from error
    except (TimeoutError, BlockingIOError, OSError) as error:
        raise SilentError(f"{host}:{port}: no answer to SNMPv3; check the address and the port") from error
    except gufo.SnmpError as error:
        raise RefusedError(
            f"{host}:{port}: user {credential.name} is not accepted: {error}; check the name and both keys"
        ) from error
    return session


def _user(credential: User) -> gufo.User:
    auth = priv = None
    if credential.authentication:
        auth = _AUTHENTICATIONS[credential.authentication](credential.auth_key.encode())
    if credential.privacy:
        priv = _PRIVACIES[credential.privacy](credential.priv_key.encode())
    return gufo.User(credential.name, auth_key=auth, priv_key=priv)
