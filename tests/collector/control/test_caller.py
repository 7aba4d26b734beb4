# SPDX-License-Identifier: Apache-2.0
import os
import pwd

import pytest

from giamsat_collector.control.caller import Caller, caller, is_login

ME = pwd.getpwuid(os.getuid()).pw_name


def test_the_account_that_logged_in_is_the_person_even_after_sudo(tmp_path):
    (tmp_path / "loginuid").write_text(str(os.getuid()))

    assert caller(tmp_path, 0) == Caller(ME, person=True)


@pytest.mark.parametrize("said", ["4294967295", "nonsense", None])
def test_without_a_login_there_is_only_the_user_id_which_is_no_person(tmp_path, said):
    if said is not None:
        (tmp_path / "loginuid").write_text(said)

    assert caller(tmp_path, 998) == Caller("uid 998", person=False)


def test_an_account_without_a_name_is_named_by_its_number(tmp_path):
    (tmp_path / "loginuid").write_text("4000000001")

    assert caller(tmp_path, 0) == Caller("uid 4000000001", person=True)


def test_a_login_of_this_host_is_known_by_its_name():
    assert is_login(ME)
    assert not is_login("nobody.of.that.name")
