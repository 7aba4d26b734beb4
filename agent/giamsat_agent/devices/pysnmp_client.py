# SPDX-License-Identifier: Apache-2.0
"""Asking a device by SNMP through pysnmp, for what gufo-snmp cannot read: at thirty times the cost, so only where said.

It takes answers whose encoding is not as it should be, and speaks the ways to encrypt that some vendors made for
themselves: AES with 192 and 256 bits as Cisco lengthens keys, and Triple DES.
"""

import asyncio
import copy
import threading
import weakref
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, Final, TypeAlias, TypeVar

from pysnmp.hlapi.v3arch import asyncio as pysnmp
from pysnmp.proto import errind, rfc1905

from giamsat_agent.devices.credential import Community, Credential
from giamsat_agent.devices.errors import RefusedError, SilentError, UserError
from giamsat_agent.devices.gufo_client import numeric
from giamsat_agent.devices.reading import Rows, Value

AT_ONCE: Final = 16
ROWS_AT_ONCE: Final = 25
ROWS: Final = 20_000
"""Rows of one table; an agent that loops or lies is left there."""
RETRIES: Final = 1
T = TypeVar("T")
Served: TypeAlias = tuple[asyncio.AbstractEventLoop, asyncio.Event, Any]
"""A loop, what ends it, and the engine on it."""
_AUTHENTICATIONS: Final[Mapping[str, Any]] = {
    "": pysnmp.USM_AUTH_NONE,
    "MD5": pysnmp.USM_AUTH_HMAC96_MD5,
    "SHA1": pysnmp.USM_AUTH_HMAC96_SHA,
    "SHA224": pysnmp.USM_AUTH_HMAC128_SHA224,
    "SHA256": pysnmp.USM_AUTH_HMAC192_SHA256,
    "SHA384": pysnmp.USM_AUTH_HMAC256_SHA384,
    "SHA512": pysnmp.USM_AUTH_HMAC384_SHA512,
}
_PRIVACIES: Final[Mapping[str, Any]] = {
    "": pysnmp.USM_PRIV_NONE,
    "DES": pysnmp.USM_PRIV_CBC56_DES,
    "3DES": pysnmp.USM_PRIV_CBC168_3DES,
    "AES128": pysnmp.USM_PRIV_CFB128_AES,
    "AES192": pysnmp.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "AES256": pysnmp.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "AES192C": pysnmp.USM_PRIV_CFB192_AES,
    "AES256C": pysnmp.USM_PRIV_CFB256_AES,
}
_NOT_ACCEPTED: Final = (
    errind.UnknownUserName,
    errind.WrongDigest,
    errind.UnsupportedSecurityLevel,
    errind.DecryptionError,
)
_NOTHING: Final = (rfc1905.NoSuchObject, rfc1905.NoSuchInstance, rfc1905.EndOfMibView)


class TolerantDevice:
    """A session with one device: implements giamsat_agent.devices.poll.Asked.

    Its loop runs on a thread of its own, as pysnmp can only be waited for, and ends with it.
    """

    def __init__(self, host: str, port: int, credential: Credential, *, timeout_s: float) -> None:
        """Make ready to ask; nothing is sent yet.

        Raises:
            SilentError: the address is unknown or cannot be used, and why.
        """
        self.address = f"{host}:{port}"
        self._old = isinstance(credential, Community) and credential.version == 1
        self._auth = _auth(credential)
        self._context = pysnmp.ContextData()
        self._whole: TolerantDevice | None = None
        address = numeric(host)
        transport = pysnmp.Udp6TransportTarget if ":" in address else pysnmp.UdpTransportTarget
        ready: Future[Served] = Future()
        try:
            threading.Thread(target=_serve, args=(ready,), name="pysnmp", daemon=True).start()
            self._loop, ended, self._engine = ready.result()
            # Its thread ends with it, and gives back what is open.
            weakref.finalize(self, self._loop.call_soon_threadsafe, ended.set)
            self._target = self._done(transport.create((address, port), timeout=timeout_s, retries=RETRIES))
        except Exception as error:  # whatever pysnmp raises at an address, or the system when it has nothing left
            raise SilentError(f"{self.address}: it cannot be asked: {error}") from error

    def in_context(self, name: str) -> "TolerantDevice":
        """The same device as it shows one of its contexts (RFC 3411, section 3.3.1), through the same engine."""
        seen = copy.copy(self)
        # Only the end of the device it was made of ends their thread.
        seen._context, seen._whole = pysnmp.ContextData(contextName=name), self  # noqa: SLF001 - its own
        return seen

    def get(self, oids: Iterable[str]) -> dict[str, Value]:
        """The objects the device has, of these.

        Raises:
            SilentError, RefusedError: nothing came back, or a refusal.
        """
        wanted = [oid.lstrip(".") for oid in oids]
        found: dict[str, Value] = {}
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            # A device of version 1 refuses all for one it has not: it is asked for each alone then.
            for names in [[oid] for oid in part] if self._old else [part]:
                found.update({f".{name}": value for name, value in self._asked(pysnmp.get_cmd, names)})
        return found

    def has(self, oid: str) -> bool:
        """Whether there is anything below an object.

        Raises:
            SilentError, RefusedError: nothing came back, or a refusal.
        """
        top = oid.lstrip(".")
        return any(name.startswith(f"{top}.") for name, _ in self._asked(pysnmp.next_cmd, [top]))

    def walk(self, oid: str) -> Iterator[Rows]:
        """Every object below one, answer by answer; what comes a second time or is beyond ROWS ends it.

        Raises:
            SilentError, RefusedError: nothing came back, or a refusal.
        """
        top = oid.lstrip(".")
        seen: set[str] = set()
        last = top
        while True:
            answer = self._asked(pysnmp.next_cmd, [last]) if self._old else self._bulk(last)
            fresh = [(name, value) for name, value in answer if name.startswith(f"{top}.") and name not in seen]
            seen.update(name for name, _ in fresh)
            if fresh:
                yield [(name[len(top) + 1 :], value) for name, value in fresh]
            if not fresh or len(fresh) < len(answer) or len(seen) >= ROWS:
                return
            last = fresh[-1][0]

    def _bulk(self, oid: str) -> list[tuple[str, Value]]:
        return self._asked(pysnmp.bulk_cmd, [oid], 0, ROWS_AT_ONCE)

    def _asked(self, command: Any, oids: list[str], *numbers: int) -> list[tuple[str, Value]]:  # noqa: ANN401 - untyped
        """What a question brings, without what the device says it has not."""
        objects = [pysnmp.ObjectType(pysnmp.ObjectIdentity(oid)) for oid in oids]
        about = (self._engine, self._auth, self._target, self._context, *numbers)
        try:
            problem, status, _, found = self._done(command(*about, *objects, lookupMib=False))
        except Exception as error:  # whatever it raises at bytes that are wrong
            raise RefusedError(f"{self.address}: the answer cannot be used: {type(error).__name__} {error}") from error
        if isinstance(problem, _NOT_ACCEPTED):
            raise UserError(f"{self.address}: the user or a key is not accepted: {problem}")
        if isinstance(problem, errind.RequestTimedOut):
            raise SilentError(
                f"{self.address}: quá thời gian, không trả lời; sai community thiết bị cũng im lặng / "
                "timeout: no answer; a wrong community is answered by silence too"
            )
        if problem:
            raise RefusedError(f"{self.address}: the answer cannot be used: {problem}")
        if int(status) == rfc1905.errorStatus.namedValues["noSuchName"]:
            return []
        if status:
            raise RefusedError(f"{self.address}: it refuses: {status.prettyPrint()}")
        return [(str(name), _value(value)) for name, value in found if not isinstance(value, _NOTHING)]

    def _done(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _serve(ready: Future[Served]) -> None:
    """In a thread: an engine that answers until it is ended; who waits for it is told when it cannot be made."""

    async def serve() -> None:
        engine, ended = pysnmp.SnmpEngine(), asyncio.Event()
        ready.set_result((asyncio.get_running_loop(), ended, engine))
        await ended.wait()
        engine.close_dispatcher()

    try:
        with asyncio.Runner() as runner:
            runner.run(serve())
    except Exception as error:
        if ready.done():
            raise
        ready.set_exception(error)


def _auth(credential: Credential) -> Any:  # noqa: ANN401 - untyped
    if isinstance(credential, Community):
        return pysnmp.CommunityData(credential.word, mpModel=credential.version - 1)
    return pysnmp.UsmUserData(
        credential.name,
        credential.auth_key or None,
        credential.priv_key or None,
        authProtocol=_AUTHENTICATIONS[credential.authentication],
        privProtocol=_PRIVACIES[credential.privacy],
    )


def _value(said: Any) -> Value:  # noqa: ANN401 - untyped
    """A value as gufo-snmp gives it."""
    kind = type(said).__name__
    if kind in {"ObjectIdentifier", "ObjectIdentity"}:
        return str(said)
    if kind == "IpAddress":
        return ".".join(map(str, bytes(said)))
    if kind in {"OctetString", "Opaque", "Bits"}:
        return bytes(said)
    return None if kind == "Null" else int(said)
