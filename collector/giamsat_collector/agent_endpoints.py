# SPDX-License-Identifier: Apache-2.0
"""What hosts come in by: enrolment, certificates, streams and parcels, tied together. Nothing here listens or runs."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from giamsat_collector.enrol.agents import AllowList, Enrolled
from giamsat_collector.enrol.authority import Authority
from giamsat_collector.enrol.renewing import RenewalService
from giamsat_collector.enrol.service import EnrolService
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest import peer
from giamsat_collector.ingest.carrying import Carrying
from giamsat_collector.ingest.intake import Intake
from giamsat_collector.ingest.notices import Notices
from giamsat_collector.ingest.service import IngestService
from giamsat_collector.registry import fact_ledger
from giamsat_collector.registry.snapshot import Registry
from giamsat_collector.store import Store
from giamsat_wire.clock import Clock


@dataclass(frozen=True, slots=True)
class AgentEndpoints:
    """Who may come in, by what, and where what they bring is kept."""

    allow_list: AllowList
    intake: Intake
    notices: Notices
    enrolment: EnrolService
    renewal: RenewalService
    ingest: IngestService
    carrying: Carrying


def tied(
    *,
    store: Store,
    authority: Authority,
    registry: Registry,
    fleet: Fleet,
    clock: Clock,
    lag_ns: Callable[[], int],
) -> AgentEndpoints:
    """The endpoints for agents; `lag_ns` is for how long what came in has waited to be judged."""
    intake = Intake(store)
    allow_list = AllowList(lambda agent, why: ingest.cut(agent, why))  # noqa: PLW0108 - the service is made below
    notices = Notices(store, clock, intake.tail.news.set)
    renewing, caller = peer.admitting(
        store=store,
        signer=authority.signer,
        carrier=authority.carrier,
        allow_list=allow_list,
        clock=clock,
        notices=notices,
    )
    ingest = IngestService(
        store=store,
        intake=intake,
        fleet=fleet,
        clock=clock,
        authenticate=caller,
        saw=notices.saw,
        lag_ns=lag_ns,
        unit=lambda agent: known.unit if (known := allow_list.find(agent)) else "",
    )
    enrolment = EnrolService(
        store=store,
        signer=authority.signer,
        allow_list=allow_list,
        clock=clock,
        host_enrolled=_host_enrolled,
        reload=lambda: registry.follow(store),
        renewing=renewing,
        emergency=authority.emergency,
    )
    carrying = Carrying(
        store=store,
        intake=intake,
        clock=clock,
        carrier=authority.carrier.key,
        find=allow_list.find,
        live=ingest.live,
        offset_ns=fleet.offset_ns,
        saw=notices.saw,
    )
    return AgentEndpoints(allow_list, intake, notices, enrolment, RenewalService(renewing, caller), ingest, carrying)


def _host_enrolled(connection: Connection, agent: Enrolled, system: str | None) -> None:
    """Give a host that was just enrolled its place in the registry."""
    fact_ledger.host_enrolled(
        connection,
        agent_id=agent.id,
        unit=agent.unit,
        system=system,
        hostname=agent.hostname,
        at_ns=agent.enrolled_ns,
    )
