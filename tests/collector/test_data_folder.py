# SPDX-License-Identifier: Apache-2.0
import os
import stat

import pytest

from giamsat_collector import data_folder
from giamsat_collector.errors import StartError


def test_the_data_folder_is_made_for_its_owner_alone_or_it_says_why_not(tmp_path):
    made = data_folder.made(tmp_path / "a/b")

    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match="set 'data'"):
        data_folder.made(tmp_path / "file/b")


@pytest.mark.root
def test_root_does_not_run_in_the_folder_of_the_services_user(tmp_path):
    data_folder.must_be_ours(tmp_path)
    data_folder.must_be_ours(tmp_path / "not-there")
    os.chown(tmp_path, 65_534, 65_534)

    with pytest.raises(StartError, match=r"number 65534.*systemctl start giamsat-collector"):
        data_folder.must_be_ours(tmp_path)


def test_a_second_collector_on_the_same_data_is_refused_while_the_first_one_runs(tmp_path):
    with data_folder.alone(tmp_path / "data") as held, pytest.raises(StartError, match="another collector"):
        data_folder.alone(held).__enter__()

    with data_folder.alone(tmp_path / "data"):
        pass
    (tmp_path / "data/lock").unlink()
    (tmp_path / "data/lock").mkdir()
    with pytest.raises(StartError, match="run as the owner"):
        data_folder.alone(tmp_path / "data").__enter__()
