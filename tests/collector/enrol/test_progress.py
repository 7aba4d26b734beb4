# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.enrol import progress
from giamsat_collector.enrol.progress import State
from giamsat_collector.enrol.tokens import FAILURES, Issued

NOW = 100


def token(used=0, failures=0, expires_ns=NOW + 1):
    return Issued("t", "u", None, 1, used, failures, "", "an", 0, expires_ns)


@pytest.mark.parametrize(
    ("tokens", "hosts", "state", "words"),
    [
        ([], [], State.NOT_INVITED, "no token"),
        ([token()], [], State.WAITING, "not used yet"),
        ([token(failures=1)], [], State.STUCK, "wrong code"),
        ([token(failures=FAILURES)], [], State.STUCK, "dead"),
        ([token(failures=FAILURES), token()], [], State.WAITING, "not used yet"),
        ([token(expires_ns=NOW)], [], State.EXPIRED, "new letter"),
        ([token(used=1)], ["revoked"], State.EXPIRED, "revoked"),
        ([token(used=1)], ["live", "silent"], State.DONE, "1 of 2 hosts live"),
        ([token(used=1)], ["never_seen"], State.STUCK, "start the agent"),
        ([token(used=1)], ["silent"], State.STUCK, "silent"),
        ([token(used=1)], ["stopped"], State.STUCK, "start it"),
        ([token(used=1)], ["locked", "silent"], State.STUCK, "copied"),
    ],
)
def test_where_a_unit_stands_and_what_is_to_be_done(tokens, hosts, state, words):
    step = progress.of(tokens, hosts, NOW)

    assert step.state is state
    assert words in step.why
