# SPDX-License-Identifier: Apache-2.0
"""Weeks of many identities in seconds: nothing lost locks anybody out, every copy is found, roots are exchanged."""

import contextlib
import random
from collections import Counter

import pytest

from giamsat_collector.enrol import agents
from support.identity_history import DAY_S, Province

LOSSES = ("", "request", "answer", "disk")
HOSTS = 20


@pytest.fixture
def province(tmp_path):
    with contextlib.closing(Province(tmp_path)) as province:
        yield province


def test_whatever_is_lost_on_the_way_locks_nobody_out_and_leaves_one_certificate_for_each_generation(
    province, pytestconfig, record_property
):
    draw, host, done, lost = random.Random(5), province.enrol(0), 0, 0
    while lost < pytestconfig.option.lost_renewals:
        province.later(draw.uniform(60, DAY_S / 8))
        reason = province.renews(host, lost=draw.choice(LOSSES))
        done += reason is None
        lost += reason is not None
        assert reason in {None, *LOSSES}, f"locked out after {done} renewals: {reason}"
        if draw.random() < 0.5:
            assert province.connects(host) is None

    agent = agents.find(province.connection, host.id)
    locks = int(agent.refused is not None)
    record_property("renewals lost on the way", f"{lost} lost, {done} done, {locks} false locks, {locks} violations")
    assert done > lost // 5
    assert agent.refused is None
    assert done + 1 <= agent.current.generation + (agent.pending is not None) <= done + 2


@pytest.mark.parametrize("how", ["both are on", "in turn", "30 days later"])
def test_a_copied_identity_is_found_at_its_first_renewal_at_the_latest(province, how, pytestconfig, record_property):
    """A copied disk: whoever renews second is found out, or whoever comes with what was replaced; and both are told.

    The one that is off for 30 days holds a certificate that has expired, and asks at the enrolment port.
    """
    draw, copies, reasons = random.Random(how), pytestconfig.option.copies, Counter()
    for number in range(copies):
        one = province.enrol(number)
        for _ in range(draw.randrange(3)):
            province.later(draw.uniform(5, 7) * DAY_S)
            assert province.renews(one) is None
            assert province.connects(one) is None
        two = one.copy()
        if how == "30 days later":
            for _ in range(3):
                province.later(10 * DAY_S)
                assert province.renews(one) is None
                assert province.connects(one) is None
            reasons[province.renews(two)] += 1
            continue
        province.later(6 * DAY_S)
        first, second = draw.sample([one, two], 2)
        assert province.renews(first) is None
        if how == "in turn":
            assert province.connects(first) is None
        reasons[province.renews(second)] += 1

    found = reasons["identity_copied"] + reasons["superseded_certificate"]
    record_property(f"copied disks, {how}", f"{copies} copies, {found} found, {copies - found} violations")
    assert found == copies
    # Who comes with what was replaced, and is still good, is refused and told of; every other copy locks the identity.
    assert reasons["identity_copied"] == (0 if how == "in turn" else copies)


def test_a_root_is_exchanged_though_one_host_in_twenty_is_off_for_twenty_days(province):
    hosts = [province.enrol(number) for number in range(HOSTS)]
    draw = random.Random(7)
    away = set(draw.sample(range(HOSTS), HOSTS // 20))
    keys, refused, retired_on = province.authority.keys, [], None
    for day in range(45):
        if day == 3:
            keys.rotate()
            province.server = province.shown()
        known = agents.every(province.connection).values()
        if day > 3 and retired_on is None and all(agent.current.roots == 2 for agent in known):
            keys.retire()
            province.server, retired_on = province.shown(), day
        for number, host in enumerate(hosts):
            if (number in away and 2 <= day < 22) or not host.due(province.now_s):
                continue
            refused += filter(None, [province.renews(host), province.connects(host)])
        province.later(DAY_S)

    assert refused == []
    assert retired_on is not None
    assert 22 <= retired_on <= 24
    assert {len(host.roots) for host in hosts} == {1}
    assert all(province.connects(host) is None for host in hosts)
