# SPDX-License-Identifier: Apache-2.0
"""A history for each seed: every second one is a spool's alone, the others both ends', some of them with snapshots."""

from typing import Any, Final

import structlog

from support.crash_history import BrokenPromiseError, Life
from support.files import PowerCut
from support.session_history import History
from support.snapshot_history import SnapshotHistory

KINDS: Final = (History, Life, History, Life, SnapshotHistory, Life)


def broken(seed: int) -> str:
    """What promise the history of a seed breaks; empty when none."""
    structlog.configure(processors=[_silent])
    try:
        KINDS[seed % len(KINDS)](seed).live()
    except BrokenPromiseError as violation:
        return str(violation)
    except (Exception, PowerCut) as error:  # noqa: BLE001 - a mutant may break anything; whatever ends an end counts
        return f"{type(error).__name__}: {error}"
    finally:
        structlog.reset_defaults()
    return ""


def _silent(*_: Any) -> Any:
    raise structlog.DropEvent
