# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.console.attempts import ACCOUNT, ADDRESS, KEYS, Attempts

S = 1_000_000_000


def fail(attempts, times, account="an", address="192.0.2.1", at=0):
    return [attempts.take(account, address, at) for _ in range(times)]


def test_the_first_attempts_are_free_and_then_each_wait_doubles():
    attempts, now, waits = Attempts(), 0, []
    fail(attempts, ACCOUNT.free)
    for _ in range(7):
        wait = attempts.take("an", "192.0.2.1", now)
        waits.append(wait)
        now += wait * S
        assert attempts.take("an", "192.0.2.1", now) == 0

    assert waits == [1, 2, 4, 8, 16, 30, 30]


def test_an_attempt_that_must_wait_makes_the_wait_no_longer():
    attempts = Attempts()
    fail(attempts, ACCOUNT.free + 2_000)

    assert attempts.take("an", "192.0.2.1", 0) == 1


def test_one_address_cannot_try_many_accounts():
    attempts = Attempts()
    waits = [attempts.take(f"user{number}", "192.0.2.1", 0) for number in range(ADDRESS.free + 1)]

    assert waits[:-1] == [0] * ADDRESS.free
    assert waits[-1] > 0


def test_one_account_cannot_be_tried_from_many_addresses():
    attempts = Attempts()
    waits = [attempts.take("an", f"192.0.2.{number}", 0) for number in range(ACCOUNT.free + 1)]

    assert waits[-1] > 0


def test_an_ipv6_host_cannot_change_its_address_to_go_on():
    attempts = Attempts()
    waits = [attempts.take(f"u{number}", f"2001:db8::{number:x}", 0) for number in range(ADDRESS.free + 1)]

    assert waits[-1] > 0
    assert attempts.take("v", "2001:db8:0:1::1", 0) == 0


def test_a_login_clears_the_account_and_not_the_address():
    attempts = Attempts()
    for _ in range(ADDRESS.free):
        attempts.take("an", "192.0.2.1", 0)
        attempts.succeeded("an")

    assert attempts.take("an", "192.0.2.2", 0) == 0
    assert attempts.take("an", "192.0.2.1", 0) > 0


def test_a_quiet_quarter_of_an_hour_is_forgiven():
    attempts = Attempts()
    fail(attempts, ACCOUNT.free)
    later = 16 * 60 * S

    assert fail(attempts, ACCOUNT.free, at=later) == [0] * ACCOUNT.free


def test_what_is_remembered_is_bounded():
    attempts = Attempts()
    for number in range(KEYS + 50):
        attempts.take(f"user{number}", "not an address", number)

    assert len(attempts._records) == KEYS
