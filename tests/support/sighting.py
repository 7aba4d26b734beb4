# SPDX-License-Identifier: Apache-2.0
"""Hosts of networks as sensors tell of them."""

from giamsat_collector.sightings.sighting import KIND, Sighting
from giamsat_collector.sightings.vendor import Vendors
from giamsat_collector.sightings.watching import SightedHosts
from giamsat_wire.record import Event

DESK, PRINTER = "02:00:00:00:00:05", "00:80:77:00:00:09"
DAY_NS = 86_400_000_000_000


def sighting(asset="A1", mac=DESK, *, segment="eth0", first_ns=1, last_ns=2, **said):
    """One that a sensor told."""
    blank = {"addresses": (), "name": "", "vendor_class": "", "services": ()}
    return Sighting(asset, segment, mac, **{**blank, **said}, first_ns=first_ns, last_ns=last_ns)


def event(mac=DESK, segment="eth0", wall_ns=1, **said):
    """The event that tells of one."""
    named = {f"giamsat.sighting.{name}": value for name, value in said.items() if name != "name"}
    fields = {"source.mac": mac, "giamsat.sighting.segment": segment, "source.domain": said.get("name", ""), **named}
    return Event(KIND, wall_ns, 0, {name: value for name, value in fields.items() if value is not None})


def sighted(here):
    """What keeps them, on the parts of a console or an office."""
    return SightedHosts(
        store=here.store,
        registry=here.registry,
        allow_list=here.allow_list,
        pages=here.pages,
        vendors=Vendors({"008077": "Brother"}),
        clock=here.clock,
    )
