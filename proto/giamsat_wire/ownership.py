# SPDX-License-Identifier: Apache-2.0
"""Whose a folder is, for root: what root writes into another user's, that user cannot read."""

import os
from pathlib import Path


def foreign_owner(folder: Path) -> int | None:
    """The number of the other user whose folder root would write into; None for all else."""
    if os.geteuid() != 0:
        return None
    try:
        return folder.stat().st_uid or None
    except OSError:
        return None
