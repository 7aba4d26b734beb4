# SPDX-License-Identifier: Apache-2.0
import os

import pytest

from giamsat_agent.machine.users import Users, parse


@pytest.fixture
def passwd(tmp_path):
    (tmp_path / "etc").mkdir()
    return tmp_path / "etc/passwd"


def test_a_number_has_the_name_of_the_first_user_who_bears_it():
    lines = "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\nnguyễn:x:1000:1000:,,,:/home/n:/bin/sh\n"

    assert parse(lines) == {"0": "root", "1000": "nguyễn"}


@pytest.mark.parametrize("line", ["", "+::::::", "an:x:-1:1::/:", "an:x:1", ":x:1:1::/:", "an:x:1:1::/::more"])
def test_lines_of_another_form_name_nobody(line):
    assert parse(line) == {}


def test_a_user_who_is_added_is_known_from_then_on(tmp_path, passwd):
    users = Users(tmp_path)
    passwd.write_text("root:x:0:0::/root:/bin/sh\n")
    before = users.name("0"), users.name("7")
    passwd.write_text("root:x:0:0::/root:/bin/sh\nan:x:7:7::/:\n")
    os.utime(passwd, ns=(1, 1))

    assert (before, users.name("7")) == (("root", ""), "an")


def test_a_host_without_the_file_has_users_without_names(tmp_path, passwd):
    users = Users(tmp_path)
    passwd.write_text("root:x:0:0::/root:/bin/sh\n")
    before = users.name("0")
    passwd.unlink()

    assert (before, users.name("0")) == ("root", "")
