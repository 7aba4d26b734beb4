# SPDX-License-Identifier: Apache-2.0
import contextlib
import subprocess
import sys

import pytest

from giamsat_agent import status
from giamsat_wire.source import Counts
from support.own_status import made


def test_a_status_is_read_as_it_was_written(tmp_path):
    said = made(lanes=[status.LaneStatus(lane="event", waiting=3, bytes=99)], failing={"conntrack": "missing"})
    status.write(tmp_path, said)

    assert status.read(tmp_path) == said


def test_the_newest_status_replaces_the_one_before(tmp_path):
    status.write(tmp_path, made())
    status.write(tmp_path, made(connected=False, problem="unavailable"))

    assert status.read(tmp_path).problem == "unavailable"
    assert [path.name for path in tmp_path.iterdir()] == [status.FILE]


def test_no_status_and_a_damaged_one_are_none(tmp_path):
    assert status.read(tmp_path) is None
    (tmp_path / status.FILE).write_text('{"version": 3')

    assert status.read(tmp_path) is None


@pytest.mark.root
def test_who_may_not_look_is_told_so_and_not_that_nothing_runs(tmp_path):
    look = (
        "import os, sys, pathlib; from giamsat_agent import errors, status\nos.setuid(65_534)\n"
        "try: status.read(pathlib.Path(sys.argv[1]))\nexcept errors.StateError as error: print(error)"
    )
    status.write(tmp_path, made())
    tmp_path.chmod(0o700)

    said = subprocess.run([sys.executable, "-c", look, tmp_path], capture_output=True, text=True, check=True).stdout

    assert "run: sudo giamsat-agent status" in said


@pytest.mark.root
@pytest.mark.namespaces
def test_on_a_full_disk_the_status_is_still_told(tmp_path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", tmp_path], check=True)
    try:
        status.write(tmp_path, made(failing={"conntrack": "missing"}))
        with contextlib.suppress(OSError), (tmp_path / "ballast").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass

        last = made(connected=False)
        status.write(tmp_path, last)

        assert status.read(tmp_path) == last
    finally:
        subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_status_that_cannot_be_written_is_no_error(tmp_path):
    status.write(tmp_path / "missing", made())

    assert status.read(tmp_path / "missing") is None


def test_what_a_source_yielded_is_told():
    (source,) = status.sources({"journald": Counts(9, 2, 1, up=False)})

    assert (source.produced, source.throttled, source.dropped, source.up) == (9, 2, 1, False)
