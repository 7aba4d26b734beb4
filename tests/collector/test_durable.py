# SPDX-License-Identifier: Apache-2.0
import stat

import pytest

from giamsat_collector import durable
from giamsat_collector.errors import StartError


def test_a_file_is_made_once_and_for_its_owner_alone(tmp_path):
    durable.create(tmp_path / "a", b"one")

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        durable.create(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"


def test_a_file_is_replaced_whole_even_after_a_write_that_was_cut_short(tmp_path):
    durable.replace(tmp_path / "a.json", b"one")
    (tmp_path / "a.new").write_bytes(b"tw")

    durable.replace(tmp_path / "a.json", b"two")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.json": b"two"}


def test_a_replacement_that_fails_leaves_what_was_there(tmp_path):
    durable.replace(tmp_path / "a.json", b"one")
    (tmp_path / "a.new").mkdir()

    with pytest.raises(OSError, match=r"a\.new"):
        durable.replace(tmp_path / "a.json", b"two")

    assert (tmp_path / "a.json").read_bytes() == b"one"


def test_only_a_folder_can_be_made_durable(tmp_path):
    (tmp_path / "a").write_bytes(b"")

    durable.sync(tmp_path)
    with pytest.raises(NotADirectoryError):
        durable.sync(tmp_path / "a")


def test_the_data_folder_is_made_for_its_owner_alone_or_it_says_why_not(tmp_path):
    made = durable.data_folder(tmp_path / "a/b")

    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match="set 'data'"):
        durable.data_folder(tmp_path / "file/b")


def test_a_second_collector_on_the_same_data_is_refused_while_the_first_one_runs(tmp_path):
    with durable.alone(tmp_path / "data") as held, pytest.raises(StartError, match="another collector"):
        durable.alone(held).__enter__()

    with durable.alone(tmp_path / "data"):
        pass
    (tmp_path / "data/lock").unlink()
    (tmp_path / "data/lock").mkdir()
    with pytest.raises(StartError, match="run as the owner"):
        durable.alone(tmp_path / "data").__enter__()
