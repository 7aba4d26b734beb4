# SPDX-License-Identifier: Apache-2.0
import os

import pytest

from giamsat_wire.ownership import foreign_owner

NOBODY = 65_534


@pytest.mark.root
def test_root_is_told_whose_a_folder_is_that_is_not_its_own(tmp_path):
    assert foreign_owner(tmp_path) is None
    os.chown(tmp_path, NOBODY, NOBODY)

    assert foreign_owner(tmp_path) == NOBODY
    assert foreign_owner(tmp_path / "not-there") is None


def test_who_is_not_root_can_write_nothing_that_the_owner_cannot_read(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)

    assert foreign_owner(tmp_path) is None
