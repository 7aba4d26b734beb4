# SPDX-License-Identifier: Apache-2.0
from giamsat_rules.readings import state
from giamsat_rules.readings.state import Assets, grouped


def test_assets_are_bounded_and_the_forgotten_are_counted(monkeypatch):
    monkeypatch.setattr(state, "ASSETS", 3)
    assets = Assets()

    for name in ("a", "b", "c", "a", "d"):
        assets.of(name)

    assert list(assets.known) == ["c", "a", "d"]
    assert assets.evicted == 1


def test_a_group_is_the_same_in_any_order():
    assert grouped({"a": "1", "b": "2"}) == grouped({"b": "2", "a": "1"})
