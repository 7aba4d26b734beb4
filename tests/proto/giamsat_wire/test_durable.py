# SPDX-License-Identifier: Apache-2.0
import stat

import pytest

from giamsat_wire import durable


def test_a_file_is_made_once_and_for_its_owner_alone(tmp_path):
    durable.create(tmp_path / "a", b"one")

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        durable.create(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"


def test_a_file_is_replaced_whole_even_after_a_write_that_was_cut_short(tmp_path):
    durable.replace(tmp_path / "a.json", b"one")
    (tmp_path / ".a.json.new").write_bytes(b"tw")

    durable.replace(tmp_path / "a.json", b"two")

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.json": b"two"}


def test_a_replacement_that_fails_leaves_what_was_there(tmp_path):
    durable.replace(tmp_path / "a.json", b"one")
    (tmp_path / ".a.json.new").mkdir()

    with pytest.raises(OSError, match=r"a\.json\.new"):
        durable.replace(tmp_path / "a.json", b"two")

    assert (tmp_path / "a.json").read_bytes() == b"one"


def test_only_a_folder_can_be_made_durable(tmp_path):
    (tmp_path / "a").write_bytes(b"")

    durable.sync(tmp_path)
    with pytest.raises(NotADirectoryError):
        durable.sync(tmp_path / "a")


def test_a_file_is_held_by_one_until_it_is_closed(tmp_path):
    with durable.hold(tmp_path / "lock"):
        with pytest.raises(BlockingIOError):
            durable.hold(tmp_path / "lock")

        assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600

    durable.hold(tmp_path / "lock").close()
    (tmp_path / "link").symlink_to(tmp_path / "lock")
    with pytest.raises(OSError, match="link"):
        durable.hold(tmp_path / "link")
