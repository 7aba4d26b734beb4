# SPDX-License-Identifier: Apache-2.0
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def reachable():
    """A folder that every user can reach: those of pytest are shut whenever another run of it begins."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
