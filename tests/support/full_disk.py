# SPDX-License-Identifier: Apache-2.0
"""A disk on which files can be made but nothing can be written to them: setrlimit(2), RLIMIT_FSIZE."""

import contextlib
import resource
from collections.abc import Iterator


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """While the context lasts, this process writes no byte to any file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
