# SPDX-License-Identifier: Apache-2.0
import csv
from dataclasses import replace

import pytest

from giamsat_collector.registry import intake, rows
from giamsat_collector.registry.intake import File, When
from giamsat_collector.registry.record import Asset, AssetKind
from giamsat_collector.sightings.hosts import Known, State, fitting, proposal, unwatched
from giamsat_collector.sightings.vendor import Vendors
from support.console import Console
from support.enrolled import enrolled
from support.sighting import DESK, PRINTER, sighting

AGENT, SWITCH = "02:00:00:00:00:01", "00:00:0c:00:00:01"


@pytest.fixture
def console():
    console = Console()
    console.place("A1", unit="40.1")
    console.place("A2", unit="40.2")
    console.allow_list.keep(enrolled("A1"))
    yield console
    console.close()


def known(console, watched=()):
    return Known(console.registry, console.allow_list, Vendors({"008077": "Brother"}), dict(watched))


def test_a_host_is_an_agent_a_polled_device_registered_or_nobody_watches_it(console):
    console.store.now(
        lambda connection: rows.put_assets(
            connection, [Asset("00-80-77-00-00-09", "máy in", AssetKind.DEVICE, "40.1")], 0
        )
    )
    console.store.now(console.registry.load)
    seen = [sighting(mac=mac) for mac in (AGENT, SWITCH, PRINTER, DESK)]
    hosts = known(console, {AGENT: ("A1", ""), SWITCH: ("A1", "core")}).hosts(seen)

    assert [(host.mac, host.state, host.bearer) for host in hosts] == [
        (DESK, State.UNKNOWN, ""),
        (PRINTER, State.REGISTERED, "00-80-77-00-00-09"),
        (SWITCH, State.DEVICE, "core"),
        (AGENT, State.AGENT, "A1"),
    ]


def test_the_host_of_a_revoked_agent_has_none(console):
    console.allow_list.keep(replace(enrolled("A1"), revoked_ns=1, revoked_why="gone"))

    (host,) = known(console, {AGENT: ("A1", "")}).hosts([sighting(mac=AGENT)])

    assert host.state is State.UNKNOWN


@pytest.mark.parametrize(
    ("name", "cell"), [("=2+5+cmd|' /C calc'!A0", "2+5+cmd|' /C calc'!A0"), (" +-@", "10.0.0.7"), ("an-01", "an-01")]
)
def test_a_host_names_itself_no_formula_for_the_spreadsheet_of_who_opens_the_proposal(console, name, cell):
    sheet = proposal(known(console).hosts([sighting(name=name, addresses=("10.0.0.7",))]))

    assert [row["name"] for row in csv.DictReader(sheet.splitlines())] == [cell]


def test_sensors_of_one_unit_see_one_host_and_those_of_another_unit_another(console):
    console.place("A3", unit="40.1")
    seen = [
        sighting("A1", addresses=("10.0.0.5",), first_ns=5, last_ns=9),
        sighting("A3", segment="eth1", addresses=("10.0.0.6",), name="ketoan-03", first_ns=3, last_ns=7),
        sighting("A2", addresses=("10.0.0.7",)),
    ]
    hosts = known(console).hosts(seen)

    assert unwatched(hosts) == {"40.1": 1, "40.2": 1}
    host = next(host for host in hosts if host.unit == "40.1")
    assert (host.addresses, host.name, host.first_ns, host.last_ns) == (["10.0.0.5", "10.0.0.6"], "ketoan-03", 3, 9)
    assert host.seen_by == [("A1", "eth0"), ("A3", "eth1")]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (((), "", ""), {DESK, PRINTER}),
        ((("40.2",), "", ""), {PRINTER}),
        (((), "agent", ""), set()),
        (((), "", "BROTHER tcp/9100"), {PRINTER}),
        (((), "", "10.0.0.5"), {DESK}),
    ],
)
def test_hosts_are_found_by_unit_state_and_words(console, asked, found):
    seen = [sighting(addresses=("10.0.0.5",)), sighting("A2", PRINTER, services=("tcp/9100",))]

    assert {host.mac for host in fitting(known(console).hosts(seen), *asked)} == found


def test_what_is_proposed_can_be_imported_and_is_then_known(console):
    seen = [sighting(name='=ketoan"03'), sighting(mac=PRINTER, addresses=("10.0.0.9",))]
    sheet = proposal(known(console).hosts(seen))

    def work(connection):
        when = When(console.clock.wall_ns(), console.services.zone, "")
        plan = intake.plan(connection, assets=File("x.csv", sheet.encode()), when=when)
        intake.carry_out(connection, plan, 1, intake.Telling("an", "x", ""))
        return plan

    plan = console.store.now(work)
    console.store.now(console.registry.load)

    assert plan.problems == ()
    assert len(plan.assets.added) == 2
    assert {host.state for host in known(console).hosts(seen)} == {State.REGISTERED}
