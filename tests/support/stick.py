# SPDX-License-Identifier: Apache-2.0
"""A stick as people carry it: exFAT, which knows neither links nor owners nor permissions."""

import contextlib
import os
import subprocess

from support import peers

BYTES = 128 << 20
"""Of which nothing is stored where nothing is written."""


@contextlib.contextmanager
def stick(folder):
    """Where it is mounted."""
    image, at = folder / "stick.img", folder / "stick"
    at.mkdir()
    with image.open("wb") as file:
        os.truncate(file.fileno(), BYTES)
    with attached(image) as disk:
        subprocess.run([peers.program("mkfs.exfat"), disk], check=True, capture_output=True)
        subprocess.run([peers.program("mount.exfat-fuse"), disk, at], check=True, capture_output=True)
        try:
            yield at
        finally:
            # An agent of another test may look at it at this moment.
            subprocess.run(["umount", "--lazy", at], check=True)


@contextlib.contextmanager
def attached(image):
    """A file as a disk; yields its path."""
    made = subprocess.run([peers.program("losetup"), "-f", "--show", image], check=True, capture_output=True, text=True)
    try:
        yield made.stdout.strip()
    finally:
        subprocess.run([peers.program("losetup"), "-d", made.stdout.strip()], check=True)
