# SPDX-License-Identifier: Apache-2.0
"""The token Prometheus shows for the collector's pages, in a file it can be given."""

from collections.abc import Callable
from pathlib import Path

from giamsat_collector.errors import StartError
from giamsat_wire import durable


def open_token(path: Path, draw: Callable[[], str]) -> str:
    """The token in a file; drawn when there is none, or none in it.

    Raises:
        StartError: the file cannot be written or read.
    """
    try:
        token = path.read_text().strip() if path.exists() else ""
        if not token:
            token = draw()
            durable.replace(path, token.encode())
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(
            f"{path}: the token of Prometheus cannot be read or written: {error}; mend that, or remove the file: a new "
            "one is made, for Prometheus too"
        ) from error
    return token
