# SPDX-License-Identifier: Apache-2.0
"""A setting of the kernel that is another one for as long as a test needs it."""

import fcntl
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def kernel_setting(name, value):
    """Set what /proc/sys calls so, as "kernel/printk_ratelimit"; at last it is what it was.

    Who else would set it, in whatever process, waits: what it was is never what another test made of it.
    """
    setting = Path("/proc/sys", name)
    with setting.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        before = setting.read_text()
        setting.write_text(f"{value}")
        try:
            yield
        finally:
            setting.write_text(before)
