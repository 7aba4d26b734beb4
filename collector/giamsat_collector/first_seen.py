# SPDX-License-Identifier: Apache-2.0
"""What rules on new values have seen, as rows: what was known before a restart is neither new nor learnt anew."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, Text, bindparam, delete, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from giamsat_collector.schema import metadata
from giamsat_rules.rule import History

DAYS: Final = 400
"""What was not seen for longer is let go of; no shipped rule looks back as far."""
LETTERS: Final = 2_000
"""Values that are longer together are learnt anew after a restart."""

first_seen = Table(
    "first_seen",
    metadata,
    Column("topic", String(100), primary_key=True, comment="the rule, and what it holds to be new"),
    Column("owner", String(64), primary_key=True, comment="an asset or a unit"),
    Column("said", Text, primary_key=True, comment="the values, as JSON"),
    Column("first_ns", BigInteger, nullable=False),
    Column("last_ns", BigInteger, nullable=False),
    Index("ix_first_seen_last_ns", "last_ns"),
)

_FORGOTTEN: Final = delete(first_seen).where(
    first_seen.c.topic == bindparam("of"),
    first_seen.c.owner == bindparam("whose"),
    first_seen.c.said == bindparam("what"),
)

Told: TypeAlias = Mapping[tuple[str, str, tuple[str, ...]], int | None]
"""By topic, owner and values: when they were seen (UNIX nanoseconds); None when they are forgotten."""


class Known(NamedTuple):
    """Values of an owner, and when they were seen first and last (UNIX nanoseconds)."""

    topic: str
    owner: str
    values: tuple[str, ...]
    first_ns: int
    last_ns: int


def topic(rule: str, history: History) -> str:
    """What the rows of a rule are kept under: one that comes to ask for something else begins anew."""
    asked = hashlib.sha256("\x1f".join((rule, history.per, *history.fields)).encode()).hexdigest()
    return f"{rule[:60]}/{asked[:32]}"


def keep(connection: Connection, told: Told) -> None:
    """Write down what was told since the last time. Written twice it is the same."""
    rows, gone = [], []
    for (of, owner, values), at_ns in told.items():
        said = json.dumps(values)  # escaped: any text can be kept
        if at_ns is None:
            gone.append({"of": of, "whose": owner, "what": said})
        elif len(said) <= LETTERS:
            rows.append({"topic": of, "owner": owner, "said": said, "first_ns": at_ns, "last_ns": at_ns})
    if gone:  # together: who sends ever new values has as many forgotten, while frames wait for the transaction
        connection.execute(_FORGOTTEN, gone)
    if rows:
        upsert = insert(first_seen)
        seen = {"last_ns": upsert.excluded.last_ns}
        connection.execute(upsert.on_conflict_do_update(index_elements=["topic", "owner", "said"], set_=seen), rows)


def every(connection: Connection, before_ns: int | None = None) -> Iterable[Known]:
    """What was seen, at all or first before a time; the longest unseen comes first."""
    found = select(first_seen).order_by(first_seen.c.last_ns)
    if before_ns is not None:
        found = found.where(first_seen.c.first_ns < before_ns)
    return [
        Known(row.topic, row.owner, tuple(json.loads(row.said)), row.first_ns, row.last_ns)
        for row in connection.execute(found)
    ]


def forget(connection: Connection, before_ns: int, *, most: int) -> int:
    """Let go of what was not seen since, the longest unseen first, so many at once; how many they were."""
    key, last_ns = first_seen.primary_key.columns, first_seen.c.last_ns
    oldest = select(*key).where(last_ns < before_ns).order_by(last_ns).limit(most)
    return connection.execute(delete(first_seen).where(tuple_(*key).in_(oldest))).rowcount
