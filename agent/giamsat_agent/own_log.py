# SPDX-License-Identifier: Apache-2.0
"""What our own processes say of themselves: one JSON object a line on standard error."""

import contextlib
import logging
import sys
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def _without_rich() -> Iterator[None]:
    """Keep structlog from taking rich along wherever that is: for a renderer no process of ours uses, 4 MB of each."""
    if "rich" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # so the interpreter is told that there is none
    try:
        yield
    finally:
        del sys.modules["rich"]


with _without_rich():
    import structlog


def logger() -> Any:  # noqa: ANN401 - what structlog says it is
    """What a module of ours says things with."""
    return structlog.get_logger()


def to_standard_error() -> None:
    """From now on, what is logged goes there."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
