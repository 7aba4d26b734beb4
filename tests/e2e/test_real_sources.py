# SPDX-License-Identifier: Apache-2.0
"""Rules fire from the real programs and the real kernel they are about, on hosts of level 5, through the whole chain.

The rules that need hours are given seconds by a level pack of the test; nothing else about them differs. Not here:
service_failed needs systemd as the first process, clock_offset would have to set the clock of the machine.
"""

import contextlib
import shutil
import signal
import socket
import subprocess
import time

import pytest

from giamsat_rules.load import shipped
from support.guessing import target
from support.journald import journald
from support.peers import program
from support.site import site

namespaces = pytest.mark.usefixtures("_in_namespaces")
IN_NAMESPACES = (pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip", "journalctl"))
READS_ITS_LOG_WITHIN_S = 10
FAILURES_BEFORE_SUCCESS = 3
SILENT_WITHIN_S = 90
SOON = {
    "disk_full_for: 1m": "disk_full_for: 10s",
    "memory_available_ratio: 0.10": "memory_available_ratio: 0.999\n  memory_low_for: 10s",
    "log_source_silent_after: 2h": "log_source_silent_after: 20s",
}


@pytest.fixture
def here(tmp_path):
    with site(tmp_path) as here:
        yield here


@pytest.fixture
def hurried(tmp_path):
    """A site whose level pack does not wait for minutes and hours."""
    pack = tmp_path / "pack"
    shutil.copytree(shipped().pack, pack)
    level = pack / "level-5.yml"
    text = level.read_text()
    for said, instead in SOON.items():
        assert said in text
        text = text.replace(said, instead)
    level.write_text(text)
    with site(tmp_path, f'[rules]\npack = "{pack}"\n') as here:
        yield here
