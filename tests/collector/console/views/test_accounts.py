# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

import pytest

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.role import Role
from giamsat_collector.console.users import User
from giamsat_collector.console.views.accounts import AccountRow

READER = Reader(Languages().named("en"), ZoneInfo("UTC"), 0)


@pytest.mark.parametrize(
    ("must_choose", "disabled", "state"),
    [(False, False, "may log in"), (True, False, "no password chosen yet"), (True, True, "locked")],
)
def test_an_account_is_in_one_state_and_its_person_is_named_where_the_name_does_not(must_choose, disabled, state):
    user = User("an2", "hash", must_choose, disabled, Role.ANALYST, 0, 0, "An \u202e", 0)

    row = AccountRow.of(user, 2, READER)

    assert (row.state, row.out, row.role, row.sessions, row.login) == (state, disabled, "analyst", "2", None)
    assert row.person == "An \\u202e"
    assert "hash" not in repr(row)
