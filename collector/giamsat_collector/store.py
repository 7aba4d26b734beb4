# SPDX-License-Identifier: Apache-2.0
"""The contract of a database the collector keeps its rows in.

Everything that reads or writes rows is a plain function that takes a SQLAlchemy `Connection`; the store decides when
it runs. There is one writer: writes that arrive while a commit is under way share the next one.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection

Result = TypeVar("Result")


class Store(Protocol):
    """Rows, durable before they are acknowledged."""

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in a transaction and return its result once that transaction is durable.

        `work` runs on the writer's thread. If it raises, its own changes are rolled back, those of others stay, and
        the error is raised here.

        Raises:
            StoreError: the database cannot be written (disk full, I/O error); nothing of this work was kept.
        """
        ...

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` on a consistent snapshot of everything committed and return its result; it must not write."""
        ...

    async def close(self) -> None:
        """Finish the writes already accepted, then let go of the database."""
        ...
