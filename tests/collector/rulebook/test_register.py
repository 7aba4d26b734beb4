# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from giamsat_collector.registry import rows
from giamsat_collector.registry.record import Asset, AssetKind, System
from giamsat_collector.rulebook.register import Force, as_json, easings, entries, system_subject
from giamsat_rules.library import open_library
from giamsat_rules.load import shipped
from support.console import Console
from support.overriding import override, written

NOW = int(datetime(2027, 1, 15, tzinfo=UTC).timestamp()) * 10**9
NEW = "tcvn14423-2026"


@pytest.fixture
def registry():
    console = Console()
    console.place(asset="A1", unit="40.412", level=3)
    (system,) = console.registry.systems.values()

    def more(connection):
        rows.put_systems(connection, [replace(system, id="S1"), System("S2", "hai", "40.412", 1, NEW)])
        rows.put_assets(connection, [Asset("A2", "máy-2", AssetKind.HOST, "40.412", ("S2",))], 0)
        rows.put_assets(connection, [Asset("A3", "máy-3", AssetKind.HOST, "40.412", ("S1", "S2"))], 0)

    console.store.now(more)
    console.store.now(console.registry.load)
    yield console.registry
    console.close()


@pytest.fixture
def standards(tmp_path):
    def build(*texts):
        folders = replace(shipped(), overrides=written(tmp_path / "o", *texts))
        library = open_library(folders)
        assert library.refused == ()
        return library.standards

    return build


def test_each_stands_with_its_state_and_those_in_force_come_first(registry, standards):
    found = entries(
        standards(
            override(name="over", expires="2027-01-14"),
            override(name="later", of="S2", steps="from: 2027-02-01\nset: {ssh_failed_logins: 12}"),
            override(name="nobody", of="S9"),
            override(name="now"),
            override(name="last day", expires="2027-01-15"),
        ),
        registry,
        NOW,
    )

    assert [(one.override.name, one.force) for one in found] == [
        ("last day", Force.NOW),
        ("now", Force.NOW),
        ("later", Force.TO_COME),
        ("over", Force.OVER),
        ("nobody", Force.NOBODY),
    ]


def test_what_a_unit_is_given_is_held_against_each_of_its_systems(registry, standards):
    steps = "set: {ssh_failed_logins: 12}\nexclude: [sudo_rights_changed]"
    (one,) = entries(standards(override(steps, scope="unit", of="40.412")), registry, NOW)

    said = as_json(one)

    assert set(one.systems) >= {"S1", "S2"}
    assert [(each["name"], each["before"], each["after"], each["weaker"]) for each in said["changes"]] == [
        ("ssh_failed_logins", [8, 20], 12, True),
        ("sudo_rights_changed", [], None, True),
    ]
    assert (said["unit"], said["expires"], said["weaker"]) == ("40.412", "2027-03-31", True)


def test_what_asks_for_more_is_not_weaker(registry, standards):
    (one,) = entries(standards(override("set: {ssh_failed_logins: 5}", scope="asset", of="A2")), registry, NOW)

    assert (one.systems, one.weaker) == (("S2",), False)


def test_easings_name_what_is_less_than_the_level_asks_each_once(registry, standards):
    known = standards(
        override("set: {ssh_failed_logins: 12, disk_full_for: 1s}", of="S1"),
        override("exclude: [web_attack]", name="host", scope="asset", of="A1"),
    )
    whole = system_subject("S1", registry)

    found = list(easings(known, whole, (replace(whole, asset="A1"), replace(whole, asset="A8")), NOW))

    assert [(one.name, step.name) for one, step in found] == [("portal", "ssh_failed_logins"), ("host", "web_attack")]
    assert list(easings(known, system_subject("S2", registry), (), NOW)) == []


def test_what_eases_a_host_by_another_of_its_systems_eases_each_system_it_belongs_to(registry, standards):
    known = standards(
        override("exclude: [web_attack]"),
        override("set: {disk_full_for: 1s}", name="stricter"),
    )
    judged = replace(registry.subject("A1"), system="S1")

    found = list(easings(known, system_subject("S2", registry), (judged,), NOW))

    assert [(one.name, step.name) for one, step in found] == [("portal", "web_attack")]


def test_what_a_host_is_given_counts_for_each_system_it_belongs_to_not_only_its_highest(registry, standards):
    (one,) = entries(standards(override("exclude: [web_attack]", scope="asset", of="A3")), registry, NOW)

    assert one.systems == ("S1", "S2")
