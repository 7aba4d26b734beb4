# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.packets.detector import Room
from giamsat_agent.packets.payloads.forms import Tried
from giamsat_agent.packets.tried_passwords import USERS, Tries

KEY = (1, 2, 80, 3)


def login(password, user="binh"):
    return Tried("/login", user, password)


def test_another_password_of_the_same_user_shows_that_the_one_before_was_in_vain():
    tries = Tries(Room())

    assert tries.add(KEY, login("one")) == (True, False)
    assert tries.add(KEY, login("one")) == (False, False)
    assert tries.add(KEY, login("two")) == (True, True)
    assert tries.add((1, 2, 80, 4), login("three")) == (True, False)
    assert tries.add(KEY, login("f" * 40)) == (True, False)


def test_what_is_refused_is_counted_once():
    tries = Tries(Room())
    tries.add(KEY, login("one"))

    assert tries.refused(KEY) is True
    assert tries.add(KEY, login("two")) == (True, False)
    assert tries.add(KEY, login("three")) == (True, True)
    assert tries.refused(KEY) is True
    assert tries.refused(KEY) is False
    assert tries.refused((9, 9, 9, 9)) is False


def test_who_is_let_in_after_a_mistake_mistyped_and_others_excuse_nobody():
    tries, other = Tries(Room()), (1, 2, 80, 4)
    tries.add(KEY, login("wrong"))
    tries.refused(KEY)
    tries.add(KEY, login("right"))
    tries.add(other, login("own", "lan"))

    assert tries.let_in(other, hash("own")) is False
    assert tries.let_in(KEY, hash("right")) is True
    assert tries.let_in(KEY, hash("right")) is False
    assert tries.let_in((9, 9, 9, 9), 1) is False


def test_who_is_let_in_with_whatever_password_is_not_let_in():
    tries = Tries(Room())
    tries.add(KEY, login("one"))
    tries.let_in(KEY, hash("one"))

    assert tries.add(KEY, login("two")) == (True, False)
    assert tries.let_in(KEY, hash("two")) is False
    assert tries.add(KEY, login("three")) == (True, True)


def test_what_is_remembered_of_users_is_bounded_and_counted():
    tries = Tries(room := Room())
    for number in range(USERS + 5):
        for password in range(3):
            tries.add((number,), login(str(password)))

    assert room.evicted == 5
