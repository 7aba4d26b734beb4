# SPDX-License-Identifier: Apache-2.0
"""A program whose clock is off; for tests that carry the mark of the peer faketime."""

from pathlib import Path


def ahead(seconds):
    """Words before those of the program: what is started and ended is the program itself, not one around it."""
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return ("env", f"LD_PRELOAD={library}", f"FAKETIME=+{seconds}s")
