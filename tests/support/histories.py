# SPDX-License-Identifier: Apache-2.0
"""A history for each seed: every second one is the life of a spool alone, the others that of both ends."""

from typing import Any

import structlog

from support.crash_history import BrokenPromiseError, Life
from support.files import PowerCut
from support.session_history import History


def broken(seed: int) -> str:
    """What promise the history of a seed breaks; empty when none."""
    structlog.configure(processors=[_silent])
    try:
        (Life if seed % 2 else History)(seed).live()
    except BrokenPromiseError as violation:
        return str(violation)
    except (Exception, PowerCut) as error:  # noqa: BLE001 - a mutant may break anything; whatever ends an end counts
        return f"{type(error).__name__}: {error}"
    finally:
        structlog.reset_defaults()
    return ""


def _silent(*_: Any) -> Any:
    raise structlog.DropEvent
