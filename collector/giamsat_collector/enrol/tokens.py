# SPDX-License-Identifier: Apache-2.0
"""One-time tokens, `gs1.<id>.<secret>.<pin>`: the secret is kept hashed, the pin is the root's."""

import base64
import contextlib
import hashlib
import ipaddress
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection, func, insert, or_, select, update

from giamsat_collector.enrol.tables import tokens
from giamsat_collector.errors import RefusedError

PREFIX: Final = "gs1"
SECRET_CHARACTERS: Final = 26
"""Base 32: 130 bits."""
PIN_BYTES: Final = 20
FAILURES: Final = 5
"""Wrong secrets after which a token is dead."""
LONGEST_NS: Final = 7 * 24 * 3600 * 1_000_000_000
MOST_USES: Final = 50
MOST_NETWORKS: Final = 16
AGREED: Final = or_(tokens.c.two_persons.is_(False), tokens.c.second.is_not(None))
Reason: TypeAlias = Literal["unknown", "expired", "used_up", "dead", "wrong_secret", "wrong_network", "not_agreed"]
"""Why a token is not accepted."""
_LIFETIME: Final = re.compile(r"\A([0-9]{1,5})([mhd])\Z")
_SECONDS: Final = {"m": 60, "h": 3600, "d": 86_400}
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token gives: hosts of this unit, and of this system if it names one."""

    token: str
    unit: str
    system: str | None


class TokenError(RefusedError):
    """A token is not accepted. `reason` is for our log and counters; the network hears one sentence for all of them."""

    def __init__(self, reason: Reason) -> None:
        self.reason: Reason = reason
        super().__init__(
            "the token is not accepted: it is mistyped, expired, used up, for another network, or nobody has agreed to "
            "it yet; ask the SOC about it, or for a new one"
        )


def lifetime_ns(text: str) -> int:
    """How long a token is to live (nanoseconds), as people say it: 30m, 24h, 7d.

    Raises:
        RefusedError: it is no duration.
    """
    found = _LIFETIME.match(text.strip())
    if found is None:
        raise RefusedError("{said!r} is not a duration; write e.g. 30m, 24h or 7d", said=text[:20])
    return int(found[1]) * _SECONDS[found[2]] * 1_000_000_000


def issue(
    connection: Connection,
    *,
    unit: str,
    system: str | None,
    uses: int,
    lifetime_ns: int,
    root_pin: bytes,
    by: str,
    now_ns: int,
    networks: Sequence[str] = (),
    two_persons: bool = False,
) -> str:
    """Make a token; its text exists here and nowhere else. With `networks` (CIDR) it counts from those addresses only.

    With `two_persons` it counts once somebody else than `by` has agreed to it.

    Raises:
        RefusedError: more uses or a longer life than is allowed, or no networks.
    """
    if not 1 <= uses <= MOST_USES:
        raise RefusedError("a token is for 1 to {most} hosts, not {number}", most=MOST_USES, number=uses)
    if not 0 < lifetime_ns <= LONGEST_NS:
        raise RefusedError("a token lives at most 7 days, and longer than none; write e.g. 30m, 24h or 7d")
    token_id = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(SECRET_CHARACTERS))
    connection.execute(
        insert(tokens).values(
            id=token_id,
            secret_sha256=_hash(secret),
            unit=unit,
            system=system,
            uses=uses,
            used=0,
            failures=0,
            expires_ns=now_ns + lifetime_ns,
            created_ns=now_ns,
            created_by=by[:64],
            networks=" ".join(_networks(networks)),
            two_persons=two_persons,
        )
    )
    pin = base64.b32encode(root_pin[:PIN_BYTES]).decode().lower()
    return f"{PREFIX}.{token_id}.{secret}.{pin}"


def spend(connection: Connection, token_id: str, secret: str, now_ns: int, address: str | None = None) -> Grant:
    """Use a token once, from an address; without one the host does not connect.

    Raises:
        TokenError: it is unknown, wrong, expired, used up, dead, not for that address or not agreed to; a wrong secret
            is counted by calling `failed`.
    """
    row = connection.execute(select(tokens).where(tokens.c.id == token_id)).first()
    if row is not None and row.secret_sha256 == _hash(secret) and not _within(row.networks, address):
        raise TokenError("wrong_network")
    spent = connection.execute(
        update(tokens)
        .where(
            tokens.c.id == token_id,
            tokens.c.secret_sha256 == _hash(secret),
            tokens.c.used < tokens.c.uses,
            tokens.c.expires_ns > now_ns,
            tokens.c.failures < FAILURES,
            AGREED,
        )
        .values(used=tokens.c.used + 1)
    )
    if spent.rowcount == 1 and row is not None:
        return Grant(row.id, row.unit, row.system)
    if row is None:
        raise TokenError("unknown")
    if row.failures >= FAILURES:
        raise TokenError("dead")
    if row.secret_sha256 != _hash(secret):
        raise TokenError("wrong_secret")
    if row.expires_ns <= now_ns:
        raise TokenError("expired")
    raise TokenError("used_up" if row.used >= row.uses else "not_agreed")


def secret_of(connection: Connection, token_id: str) -> bytes:
    """The SHA-256 of a token's secret, whatever became of the token.

    Raises:
        TokenError: there never was one.
    """
    found = connection.scalar(select(tokens.c.secret_sha256).where(tokens.c.id == token_id))
    if found is None:
        raise TokenError("unknown")
    return bytes(found)


def knows(connection: Connection, token_id: str, secret: str, address: str | None) -> bool:
    """Whether this is the token's secret, whatever became of the token; for the repeat of a lost answer.

    Raises:
        TokenError: it is, and the token is not for that address.
    """
    row = connection.execute(select(tokens).where(tokens.c.id == token_id, tokens.c.failures < FAILURES)).first()
    if row is None or not secrets.compare_digest(row.secret_sha256, _hash(secret)):
        return False
    if not _within(row.networks, address):
        raise TokenError("wrong_network")
    return True


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as an administrator may see it: everything but its secret. `waits`: for a second person to agree."""

    id: str
    unit: str
    system: str | None
    uses: int
    used: int
    failures: int
    networks: str
    created_by: str
    created_ns: int
    expires_ns: int
    waits: bool = False

    def usable(self, now_ns: int) -> bool:
        """Whether a host could still be enrolled with it, once somebody agrees where that is wanted."""
        return self.used < self.uses and self.failures < FAILURES and self.expires_ns > now_ns


def every(connection: Connection) -> dict[str, tuple[Issued, ...]]:
    """Every token by unit."""
    found: dict[str, list[Issued]] = {}
    for row in connection.execute(select(tokens)):
        one = Issued(
            id=row.id,
            unit=row.unit,
            system=row.system,
            uses=row.uses,
            used=row.used,
            failures=row.failures,
            networks=row.networks,
            created_by=row.created_by,
            created_ns=row.created_ns,
            expires_ns=row.expires_ns,
            waits=row.two_persons and not row.second,
        )
        found.setdefault(row.unit, []).append(one)
    return {unit: tuple(its) for unit, its in found.items()}


def open_since(connection: Connection, *, before_ns: int, now_ns: int) -> int:
    """How many tokens that were made before a time can still be used."""
    usable = (tokens.c.expires_ns > now_ns, tokens.c.used < tokens.c.uses, tokens.c.failures < FAILURES)
    return connection.scalar(select(func.count()).where(tokens.c.created_ns < before_ns, *usable)) or 0


def withdraw(connection: Connection, token_id: str, now_ns: int) -> None:
    """Let a token expire now.

    Raises:
        RefusedError: there is no such token that could still be used.
    """
    gone = connection.execute(
        update(tokens)
        .where(tokens.c.id == token_id, tokens.c.expires_ns > now_ns, tokens.c.used < tokens.c.uses)
        .values(expires_ns=now_ns)
    ).rowcount
    if not gone:
        raise RefusedError(
            "no token {token} that could still be used: it is used up, expired or mistyped", token=token_id[:16]
        )


def withdraw_all(connection: Connection, units: Collection[str], now_ns: int) -> None:
    """Let every token of these units expire now."""
    its = tokens.c.unit.in_(units), tokens.c.expires_ns > now_ns
    connection.execute(update(tokens).where(*its).values(expires_ns=now_ns))


def failed(connection: Connection, token_id: str) -> None:
    """Count a wrong secret."""
    connection.execute(update(tokens).where(tokens.c.id == token_id).values(failures=tokens.c.failures + 1))


def _networks(given: Sequence[str]) -> list[str]:
    if len(given) > MOST_NETWORKS:
        raise RefusedError(
            "a token is for at most {most} networks, not {number}", most=MOST_NETWORKS, number=len(given)
        )
    return [_network(text.strip()) for text in given]


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        with contextlib.suppress(ValueError):
            meant = ipaddress.ip_network(text, strict=False)
            raise RefusedError(
                "{said} is an address within a network; did you mean {meant}?", said=text, meant=meant
            ) from error
        raise RefusedError("{said!r} is not a network; write e.g. 10.40.0.0/16", said=text[:64]) from error


def _within(networks: str, address: str | None) -> bool:
    """Whether an address is in one of the networks of a row; who does not connect has none."""
    if not networks:
        return True
    if address is None:
        return False
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(here, ipaddress.IPv6Address) and here.ipv4_mapped is not None:
        here = here.ipv4_mapped
    return any(here in ipaddress.ip_network(one) for one in networks.split())


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
