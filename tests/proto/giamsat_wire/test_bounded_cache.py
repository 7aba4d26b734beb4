# SPDX-License-Identifier: Apache-2.0
from giamsat_wire.bounded_cache import BoundedCache


def test_what_is_remembered_is_given_again_until_heavier_things_take_its_place():
    kept, first = BoundedCache(10), object()
    kept.keep("a", first, 4)
    kept.keep("b", object(), 4)

    assert kept.keep("a", object(), 4) is kept.get("a") is first
    kept.keep("c", object(), 4)
    assert (kept.get("a"), kept.get("b"), kept.weight) == (first, None, 8)


def test_what_alone_is_too_heavy_is_given_back_and_not_remembered():
    kept, large = BoundedCache(10), object()

    assert kept.keep("large", large, 11) is large
    assert (kept.get("large"), kept.weight) == (None, 0)


def test_an_empty_value_is_remembered_once():
    kept = BoundedCache(10)
    for _ in range(100):
        kept.keep((), (), 1)

    assert (kept.get(()), kept.weight) == ((), 1)
