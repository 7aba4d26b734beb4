# SPDX-License-Identifier: Apache-2.0
import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from giamsat_collector.console.passwords import LONGEST, Passwords, weakness


@pytest.fixture
def passwords():
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.mark.parametrize("password", ["ngắn quá", "x" * 14, "admin và mười ký tự", "ký tự khác nhau " * 20])
def test_a_weak_password_is_refused_with_the_reason(password):
    assert weakness(password, "admin").startswith("Mật khẩu")


def test_a_long_sentence_is_good_enough():
    assert weakness("bốn con ngựa trắng", "admin") is None


def test_a_short_name_may_stand_in_a_sentence():
    assert weakness("ban ngày trời nắng", "an") is None


async def test_only_the_password_matches_what_is_kept(passwords):
    kept = await passwords.keep("bốn con ngựa trắng")

    assert "ngựa" not in kept
    assert await passwords.match(kept, "bốn con ngựa trắng")
    assert not await passwords.match(kept, "bốn con ngựa đen")
    assert not await passwords.match(kept, "x" * (LONGEST + 1))


async def test_keyboards_that_compose_letters_differently_write_the_same_password(passwords):
    kept = await passwords.keep(unicodedata.normalize("NFC", "bốn con ngựa trắng"))

    assert await passwords.match(kept, unicodedata.normalize("NFD", "bốn con ngựa trắng"))


@pytest.mark.parametrize("kept", [None, "not a hash"])
async def test_a_user_who_does_not_exist_has_no_password(passwords, kept):
    assert not await passwords.match(kept, "nobody has this password")


class Watched(PasswordHasher):
    """Notes what is computed: passwords hashed, and hashes that were checked to the end and found different."""

    def __init__(self):
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.hashed, self.different = [], []

    def hash(self, password, **rest):
        self.hashed.append(password)
        return super().hash(password, **rest)

    def verify(self, hash, password):  # noqa: A002 - the name the real one has
        try:
            return super().verify(hash, password)
        except VerifyMismatchError:
            self.different.append(hash)
            raise


async def test_no_hash_is_computed_to_begin_with_and_one_who_does_not_exist_costs_what_others_cost():
    hasher = Watched()
    passwords = Passwords(hasher)
    begun = list(hasher.hashed)
    kept = await passwords.keep("bốn con ngựa trắng")
    await passwords.match(None, "bốn con ngựa trắng")

    assert begun == []
    assert [extract_parameters(one) for one in hasher.different] == [extract_parameters(kept)]


def test_the_default_is_argon2id():
    assert Passwords().kept("x").startswith("$argon2id$v=19$m=65536,t=3")
