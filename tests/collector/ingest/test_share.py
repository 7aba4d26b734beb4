# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.ingest.share import BURST, LAG_NS, OF_A_UNIT, RATE, Shares

S = 1_000_000_000
A, B = "a", "b"


def take(shares, agent, size, now_ns, *, urgent=False):
    return shares.takes(agent, size, now_ns, urgent=urgent)


def test_while_judging_keeps_up_nobody_is_held_back():
    shares = Shares(lambda: LAG_NS)

    assert all(take(shares, A, BURST, 0) for _ in range(100))


def test_while_it_lags_who_sends_much_waits_and_who_sends_little_does_not():
    shares = Shares(lambda: LAG_NS + 1)
    flood = [take(shares, A, 64 << 10, at * S // 100) for at in range(6_000)]
    ordinary = [take(shares, B, 200, at * S // 100) for at in range(6_000)]

    assert BURST + 57 * RATE <= (64 << 10) * sum(flood) <= BURST + 61 * RATE
    assert all(ordinary)


def test_what_was_sent_before_it_lagged_counts_and_a_minute_later_it_is_forgiven():
    lag = [0]
    shares = Shares(lambda: lag[0])
    for _ in range(100):
        take(shares, A, BURST, 0)
    lag[0] = LAG_NS + 1

    assert [take(shares, A, 1 << 10, at * S) for at in (0, 1, 60)] == [False, True, True]


def test_a_clock_that_stands_still_or_goes_back_gives_nothing_away():
    shares = Shares(lambda: LAG_NS + 1)
    take(shares, A, BURST, 9 * S)

    assert not take(shares, A, 1, 9 * S)
    assert not take(shares, A, 1, 0)


def test_what_is_urgent_has_a_share_of_its_own():
    shares = Shares(lambda: LAG_NS + 1)
    take(shares, A, BURST, 0)

    assert [take(shares, A, 9, 0, urgent=urgent) for urgent in (False, True)] == [False, True]
    assert not take(shares, A, BURST, 0, urgent=True)


def test_a_unit_with_however_many_agents_has_no_more_than_its_share():
    shares = Shares(lambda: LAG_NS + 1, unit=lambda agent: "40.2" if agent == B else "40.1")
    sent = sum(take(shares, f"{agent}", 64 << 10, at * S // 10) for at in range(600) for agent in range(100))

    assert OF_A_UNIT * (BURST + 59 * RATE) <= (64 << 10) * sent <= OF_A_UNIT * (BURST + 61 * RATE)
    assert all(take(shares, B, 200, at * S // 10) for at in range(600))
