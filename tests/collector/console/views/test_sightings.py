# SPDX-License-Identifier: Apache-2.0
from zoneinfo import ZoneInfo

from giamsat_collector.console.language import Languages
from giamsat_collector.console.reader import Reader
from giamsat_collector.console.views.sightings import PAGE, SightingsView, Wanted
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.sightings.hosts import Host, State
from giamsat_collector.sightings.vendor import RANDOM


def host(number, state=State.UNKNOWN, vendor=""):
    return Host("40.1", f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}", vendor, state, "A1", 1, 2)


def shown(hosts, wanted=None, start=0, language="en"):
    reader = Reader(Languages().named(language), ZoneInfo("Asia/Ho_Chi_Minh"), 0)
    return SightingsView.of(hosts, wanted or Wanted(), start, Registry(), reader)


def test_there_is_a_further_page_as_long_as_there_are_hosts_and_it_keeps_the_filter():
    hosts = [host(number) for number in range(PAGE + 1)]
    first, second = shown(hosts, Wanted(state="unknown")), shown(hosts, Wanted(state="unknown"), PAGE)

    assert (len(first.rows), first.following, first.first) == (PAGE, f"/sightings?state=unknown&skip={PAGE}", "")
    assert (len(second.rows), second.following, second.first) == (1, "", "/sightings?state=unknown")
    assert (first.unwatched, first.shown) == ("201 hosts have no agent", "200 of 201 hosts")


def test_only_a_host_with_an_agent_leads_to_its_page_and_a_made_up_address_says_so():
    agent, unknown = shown([host(1, State.AGENT), host(2, vendor=RANDOM)]).rows

    assert (agent.host, agent.state_code, agent.state) == ("/hosts/A1", "met", "has an agent")
    assert (unknown.host, unknown.state_code, unknown.vendor) == ("", "unmet", "made-up address")
