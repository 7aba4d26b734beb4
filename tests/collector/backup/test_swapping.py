# SPDX-License-Identifier: Apache-2.0
import contextlib
import errno
import os
from pathlib import Path

import pytest

from giamsat_collector.backup.swapping import Swap, begin, begun, finish, must_be_whole, ready
from giamsat_collector.errors import StartError
from giamsat_wire import durable

STAMP = "20261130T013000Z"
STEPS = ("rename", "unlink", "rmdir")
"""What can be the last thing that was done before the power went."""


class PowerCutError(BaseException):
    """The end of a process in the middle of its work."""


@pytest.fixture
def swap(tmp_path):
    """Old data and old keys; new ones that are ready for both, and for a folder that was only held so far."""
    folders = tuple(tmp_path / name for name in ("data", "signer", "held"))
    for folder in folders:
        ready(folder).mkdir()
        (ready(folder) / "said").write_text("new")
        folder.mkdir()
    for folder in folders[:2]:
        (folder / "said").write_text("old")
    (folders[2] / "lock").touch()
    return Swap(backup=STAMP, folders=folders, aside=STAMP)


def said(swap, ending=""):
    found = [folder.with_name(folder.name + ending) / "said" for folder in swap.folders]
    return [path.read_text() if path.exists() else None for path in found]


def left(tmp_path):
    return {path.name for path in tmp_path.iterdir()}


def cut_after(steps, monkeypatch):
    """The power goes after so many steps, whichever they are."""
    count = iter(range(steps))

    def failing(name):
        real = getattr(os, name)

        def step(*words, **named):
            if next(count, None) is None:
                raise PowerCutError
            return real(*words, **named)

        monkeypatch.setattr(os, name, step)

    for name in STEPS:
        failing(name)


def test_all_folders_take_their_places_and_what_was_there_is_aside(swap, tmp_path):
    begin(swap)

    assert finish(begun(tmp_path / "data")) == [tmp_path / f"{name}.before-{STAMP}" for name in ("data", "signer")]
    assert (said(swap), said(swap, f".before-{STAMP}")) == (["new"] * 3, ["old", "old", None])
    assert left(tmp_path) == {"data", "signer", "held", f"data.before-{STAMP}", f"signer.before-{STAMP}"}
    assert begun(tmp_path / "data") is None


@pytest.mark.parametrize("second", [0, 1, 2])
@pytest.mark.parametrize("first", range(8))
def test_wherever_the_power_goes_and_goes_again_it_is_finished_later(swap, tmp_path, monkeypatch, first, second):
    begin(swap)
    for steps in (first, second):
        with monkeypatch.context() as patched, contextlib.suppress(PowerCutError):
            cut_after(steps, patched)
            must_be_whole(tmp_path / "data")
        assert said(swap)[:2].count(None) <= 1, "at most one place is empty at any moment"

    must_be_whole(tmp_path / "data")
    assert (said(swap), said(swap, f".before-{STAMP}")) == (["new"] * 3, ["old", "old", None])
    assert left(tmp_path) == {"data", "signer", "held", f"data.before-{STAMP}", f"signer.before-{STAMP}"}


def test_before_it_is_begun_nothing_is_ever_moved(swap, tmp_path):
    must_be_whole(tmp_path / "data")

    assert said(swap) == ["old", "old", None]


def test_what_was_begun_anew_in_between_is_kept_aside_too(swap, tmp_path):
    begin(swap)
    (tmp_path / "data").rename(tmp_path / f"data.before-{STAMP}")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/said").write_text("begun anew")

    must_be_whole(tmp_path / "data")

    assert said(swap) == ["new"] * 3
    assert (tmp_path / f"data.before-{STAMP}.2/said").read_text() == "begun anew"
    assert (tmp_path / f"data.before-{STAMP}/said").read_text() == "old"


def test_who_may_not_finish_it_is_told_what_does(swap, tmp_path, monkeypatch):
    begin(swap)

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "rename", refuse)

    with pytest.raises(StartError, match="as root: giamsat-collector backup finish"):
        must_be_whole(tmp_path / "data")
    assert said(swap) == ["old", "old", None]


@pytest.mark.parametrize("what", ["not json", '{"folders": 7}', ""])
def test_a_file_that_is_damaged_stops_and_moves_nothing(swap, tmp_path, what):
    durable.replace(tmp_path / "data.restoring.json", what.encode())

    with pytest.raises(StartError, match="is damaged; restore the backup again"):
        must_be_whole(tmp_path / "data")


@pytest.mark.root
def test_another_users_word_and_a_link_move_nothing(swap, tmp_path):
    begin(swap)
    file = tmp_path / "data.restoring.json"
    os.chown(file, 12_345, -1)
    with pytest.raises(StartError, match="not written by us"):
        must_be_whole(tmp_path / "data")

    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StartError, match="backup finish"):
        must_be_whole(tmp_path / "data")
    assert said(swap) == ["old", "old", None]


def test_what_was_ready_and_is_gone_is_not_taken_for_done(swap, tmp_path):
    begin(swap)
    for path in (tmp_path / "data/said", tmp_path / "data.restoring/said"):
        path.unlink()
    Path(tmp_path / "data.restoring").rmdir()

    with pytest.raises(StartError, match="backup finish"):
        must_be_whole(tmp_path / "data")
