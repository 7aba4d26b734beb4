# SPDX-License-Identifier: Apache-2.0
"""Small files and names that outlast a power cut. Everything here raises OSError where the disk refuses."""

import os
from pathlib import Path


def create(path: Path, data: bytes) -> None:
    """Write a file that was not there, for its owner's eyes; its name is durable after `sync` of its folder."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def replace(path: Path, data: bytes) -> None:
    """Write a file; after this it holds the data, or what it held before, whatever happens."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    create(fresh, data)
    fresh.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
