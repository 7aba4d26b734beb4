# SPDX-License-Identifier: Apache-2.0
"""Reading the small text files in which a kernel tells of itself (/proc, /sys and their like), bounded and cheap.

A reading opens some hundred of them every few seconds, so plain system calls on plain strings are used.
"""

import os
from typing import Final

from giamsat_agent.sensor import NothingToRead

TEXT_BYTES: Final = 1 << 20
"""The most that is read of one file: /proc/stat of a 1,024-CPU machine has 300 kB."""
ATTRIBUTE_BYTES: Final = 4_096
"""The most that is read of one sysfs attribute, which a kernel bounds by a page."""
_CHUNK: Final = 1 << 16


def text(path: str, provided_by: str) -> str:
    r"""The text of one file; bytes that are not UTF-8 are carried as `\xNN`.

    Raises:
        NothingToRead: the file does not exist; `provided_by` tells the operator what would provide it.
        ValueError: the file is larger than TEXT_BYTES.
        OSError: the file exists and cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NothingToRead(f"{path}: không có / does not exist; it is provided by {provided_by}") from error
    try:
        content = _read_all(descriptor, path)
    finally:
        os.close(descriptor)
    return content.decode("utf-8", "backslashreplace")


def attribute(path: str) -> str | None:
    """The text of one sysfs attribute without surrounding white space; None when it cannot be read now.

    Drivers refuse attributes that make no sense in a device's state (the carrier of an interface that is down),
    so a refusal is an answer and not a fault.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(descriptor, ATTRIBUTE_BYTES).decode("utf-8", "backslashreplace").strip()
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _read_all(descriptor: int, path: str) -> bytes:
    # A seq_file answers with fewer bytes than asked for long before its end: only an empty answer is the end.
    content = os.read(descriptor, _CHUNK)
    while chunk := os.read(descriptor, _CHUNK):
        content += chunk
        if len(content) > TEXT_BYTES:
            raise ValueError(f"{path} is larger than {TEXT_BYTES} bytes and is not read")
    return content
