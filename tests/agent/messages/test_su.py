# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.messages.su import Su
from support.entries import parsed


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("(to root) an on pts/0", "success"),
        ("FAILED SU (to root) an on pts/0", "failure"),
        ("BAD SU an to root on /dev/pts/0", "failure"),
        ("Successful su for root by an", "success"),
        ("FAILED su for root by an", "failure"),
        ("from an to root at /dev/pts/0", "success"),
        ("BAD SU from an to root at /dev/pts/0", "failure"),
        ("'su root' succeeded for an on /dev/pts/0", "success"),
        ("'su root' failed for an on /dev/pts/0", "failure"),
    ],
)
def test_every_kind_of_su_names_who_became_whom(text, outcome):
    ((kind, fields),) = parsed(Su(), "su", text)

    assert (kind, fields) == (
        "user-switched",
        {"event.outcome": outcome, "user.name": "an", "user.effective.name": "root"},
    )


@pytest.mark.parametrize("text", ["", "(to root)", "FAILED SU (to root", "+ pts/0 an:root", "(to ) on on on"])
def test_what_names_nobody_says_nothing(text):
    assert parsed(Su(), "su", text) == []
