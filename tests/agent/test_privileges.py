# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys

import pytest

from giamsat_agent.errors import StateError
from giamsat_agent.privileges import become_owner, must_be_ours

NOBODY = 65_534
WRITE = """
import os, sys
from pathlib import Path
from giamsat_agent.privileges import become_owner
become_owner(Path(sys.argv[1]))
(Path(sys.argv[1]) / "written").touch()
print(os.getuid(), os.getgid(), os.getgroups())
try:
    os.setuid(0)
except PermissionError:
    print("for good")
"""


@pytest.mark.root
def test_root_writes_as_the_owner_of_the_folder_and_never_is_root_again(reachable):
    place = reachable / "state"
    place.mkdir()
    os.chown(place, NOBODY, NOBODY)

    done = subprocess.run([sys.executable, "-c", WRITE, place], capture_output=True, text=True, check=True)

    assert done.stdout == f"{NOBODY} {NOBODY} [{NOBODY}]\nfor good\n"
    assert (place / "written").stat().st_uid == NOBODY


@pytest.mark.parametrize("folder", ["", "not-there"])
def test_where_there_is_no_other_owner_nothing_changes(tmp_path, folder):
    before = os.getuid(), os.getgid(), os.getgroups()

    become_owner(tmp_path / folder)

    assert (os.getuid(), os.getgid(), os.getgroups()) == before


@pytest.mark.root
def test_a_folder_that_cannot_be_looked_at_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StateError, match=r"file/state: .*cannot be read: Not a directory; set 'state' in the file"):
        become_owner(tmp_path / "file" / "state")


@pytest.mark.root
def test_root_does_not_run_in_the_folder_of_the_services_user(tmp_path):
    must_be_ours(tmp_path)
    must_be_ours(tmp_path / "not-there")
    os.chown(tmp_path, NOBODY, NOBODY)

    with pytest.raises(StateError, match=r"number 65534.*systemctl start giamsat-agent"):
        must_be_ours(tmp_path)
