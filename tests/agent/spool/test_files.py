# SPDX-License-Identifier: Apache-2.0
"""The disk and the simulated disk keep the same contract."""

import errno
import stat

import pytest

from giamsat_agent.spool.files import DiskFiles
from support.files import Disk


@pytest.fixture(params=["disk", "simulated"])
def files(request, tmp_path):
    return DiskFiles(tmp_path / "lane") if request.param == "disk" else Disk().folder("lane")


def test_a_created_file_holds_its_first_bytes_and_can_be_appended_to(files):
    handle = files.create("a.seg", b"head")
    files.append(handle, b" and more")
    files.sync(handle)

    assert files.read("a.seg") == b"head and more"
    assert files.names() == ["a.seg"]


def test_a_file_created_again_replaces_the_old_one(files):
    files.close(files.create("a.seg", b"a longer text"))
    files.close(files.create("a.seg", b"new"))

    assert files.read("a.seg") == b"new"


def test_a_cut_file_goes_on_at_its_new_end(files):
    handle = files.create("a.seg", b"12345")
    files.truncate(handle, 2)
    files.append(handle, b"ab")

    assert files.read("a.seg") == b"12ab"


def test_a_small_file_is_written_in_place(files):
    files.put("cursor.a", b"1234")
    files.put("cursor.a", b"98")

    assert files.read("cursor.a") == b"9834"


def test_removing_what_is_not_there_is_no_error(files):
    files.put("a", b"1")
    files.remove("a")
    files.remove("a")

    assert files.names() == []


def test_reading_what_is_not_there_says_so(files):
    with pytest.raises(FileNotFoundError):
        files.read("a")


def test_a_closed_handle_cannot_be_written(files):
    handle = files.create("a.seg", b"")
    files.close(handle)

    with pytest.raises(OSError) as refused:
        files.append(handle, b"x")
    assert refused.value.errno == errno.EBADF


def test_the_folder_and_its_files_are_their_owners_alone(tmp_path):
    files = DiskFiles(tmp_path / "spool" / "event")
    files.close(files.create("a.seg", b"x"))
    files.put("cursor.a", b"x")

    modes = [stat.S_IMODE((tmp_path / "spool" / "event" / name).stat().st_mode) for name in (".", "a.seg", "cursor.a")]
    assert modes == [0o700, 0o600, 0o600]
