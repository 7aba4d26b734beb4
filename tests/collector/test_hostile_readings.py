# SPDX-License-Identifier: Apache-2.0
"""One enrolled host whose readings and events are meant to harm: what that costs, and that nobody else suffers."""

import gc
import hashlib
import math
import re

import psutil
import pytest

from giamsat_collector.console.host import HostStatus
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.judge import Judge
from giamsat_rules.verdict import Subject
from giamsat_wire import catalogue, limits
from giamsat_wire.chain import ChainEncoder
from giamsat_wire.codec import encode_happenings, encode_loss, encode_readings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Loss, LossReason, Sample, SampleSet
from support.clock import ManualClock
from support.console import Console, FixedHosts
from support.judging import ASSET, SECOND, engine, failed_login, stored

HOSTILE = "22222222-2222-4222-8222-222222222222"
MIB = 1 << 20
HELD_BYTES = 50 * MIB
PAGE_BYTES = 5 * MIB
NOW = ManualClock().wall_ns()
FIELDS = (
    *("source.ip", "source.port", "source.bytes", "source.mac", "source.domain", "source.user.name"),
    *("destination.ip", "destination.port", "destination.domain", "destination.bytes", "network.bytes"),
    *("user.name", "user.id", "user.target.name", "process.name", "process.executable", "process.command_line"),
    *("process.pid", "file.path", "file.hash.sha256", "file.mode", "url.path", "url.original", "user_agent.original"),
    *("http.request.method", "http.response.status_code", "dns.question.name", "event.category", "event.outcome"),
    *("event.provider", "event.code", "log.file.path", "host.os.type", "observer.name", "observer.ip", "message"),
    *("giamsat.device.hosts", "giamsat.folded.count", "giamsat.sighting.segment", "giamsat.sighting.ago_seconds"),
    *("giamsat.count", "giamsat.targets", "giamsat.class", "Channel", "EventID", "service.name"),
)
SHOWN = (
    *("node_load1", "node_boot_time_seconds", "node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"),
    *("node_memory_SwapFree_bytes", "node_memory_SwapTotal_bytes", "node_filesystem_size_bytes"),
    *("node_filesystem_avail_bytes", "node_timex_offset_seconds", "node_timex_sync_status"),
)
ODD = (math.nan, math.inf, -math.inf, -1.0, -0.0, 1e308, -1e308, 2.0**63, 5e-324)


class Everywhere:
    """Every asset is judged by one level."""

    def subject(self, asset, at_ns=None):
        return Subject(asset, 3, "40.412")


@pytest.fixture
def judge():
    return Judge(engine(), Everywhere(), HostPages(), Fleet(ManualClock()))


def read(judge, *samples, agent=HOSTILE, at_ns=NOW):
    """Judge one reading in a chain of its own; how many bytes the page of its host has then."""
    encoded = encode_readings(ChainEncoder(), [SampleSet(at_ns, 0, samples)], begin=True)
    found = judge.frame(stored(encoded, lane=Lane.METRIC, agent=agent, received_ns=at_ns))
    return found, len(judge.pages.page(agent, at_ns) or b"")


def label(at):
    return (("device", f"d{at}"), ("mountpoint", f"/{at}"))


NEW = {
    "labels": lambda at: Sample("node_filesystem_files", 1.0, label(at)),
    "labels that rules look at": lambda at: Sample("node_filesystem_avail_bytes", 1.0, label(at)),
    "names": lambda at: Sample(f"m{at}", 1.0),
    "long labels": lambda at: Sample("node_filesystem_files", 1.0, (("device", f"{at}".ljust(60, "ă")),)),
}


@pytest.mark.parametrize("new", NEW)
def test_a_host_that_names_ever_new_series_costs_little_memory_and_a_page_of_bounded_size(judge, pytestconfig, new):
    process, made = psutil.Process(), NEW[new]
    read(judge, made(-1))
    gc.collect()
    before, largest = process.memory_info().rss, 0
    for begin in range(0, pytestconfig.option.new_series, limits.SERIES_PER_AGENT):
        _, size = read(judge, *(made(begin + at) for at in range(limits.SERIES_PER_AGENT)))
        largest = max(largest, size)
    gc.collect()

    assert process.memory_info().rss - before <= HELD_BYTES
    assert 0 < largest <= PAGE_BYTES
    assert judge.pages.series(HOSTILE) <= limits.SERIES_PER_AGENT


class Endless:
    """Room for whatever an agent names."""

    def takes(self, name, words):
        return True


def long_names(at):
    """A hundred series with labels of half a kilobyte each."""
    names = (hashlib.sha512(b"%d" % number).hexdigest() * 4 for number in range(100 * at, 100 * at + 100))
    return tuple(Sample("x", 1.0, (("a", name),)) for name in names)


def test_names_beyond_what_one_agent_may_name_are_dropped_by_a_real_agent_and_refused_of_another(judge):
    chain, enough = ChainEncoder(), limits.SERIES_CHARACTERS // 51_200 + 1
    samples = ()
    for at in range(enough):
        samples += long_names(at)
        encoded = encode_readings(chain, [SampleSet(NOW, 0, samples)], begin=at == 0)
        assert judge.frame(stored(encoded, lane=Lane.METRIC, received_ns=NOW)).poison is None
    assert 0 < chain.dropped < 100
    assert judge.pages.series(ASSET) == len(samples) - chain.dropped

    chain._room = Endless()  # an agent that does not count
    encoded = encode_readings(chain, [SampleSet(NOW, 0, samples)], begin=False)
    assert "characters" in judge.frame(stored(encoded, lane=Lane.METRIC, received_ns=NOW)).poison


def wanted(judge):
    return sorted(judge.engine.metric_names)


def test_losses_that_cannot_be_are_no_losses(judge):
    """Gaps are counted by who declares them; one that contradicts itself declares nothing."""
    for first, last, frames in ((9, 1, 0), (1, 9, 10), (1, limits.NUMBER + 1, 0)):
        encoded = encode_loss(Loss(Lane.EVENT, 5, first, last, LossReason.SPOOL_FULL, frames))
        assert judge.frame(stored(encoded, received_ns=NOW)).poison
    encoded = encode_loss(Loss(Lane.EVENT, 5, 1, limits.NUMBER, LossReason.SPOOL_FULL))
    assert judge.frame(stored(encoded, received_ns=NOW)).loss.count == limits.NUMBER


def test_a_number_that_none_should_be_poisons_nothing_that_follows(judge):
    """Whatever a host said before, once it tells sound figures it is judged as one that always has."""
    hour, sound = 3600 * SECOND, [Sample(name, 1.0, label(0)) for name in wanted(judge)]

    def raised(agent):
        said = (read(judge, *sound, agent=agent, at_ns=NOW + hour + at * 15 * SECOND)[0] for at in range(4))
        return [{found.rule for found in each.verdicts if found.change == "raised"} for each in said]

    for value in ODD:
        odd = [Sample(name, value, label(0)) for name in wanted(judge)]
        for at in range(4):
            assert read(judge, *odd, agent=f"odd {value}", at_ns=NOW + at * 15 * SECOND)[0].poison is None
    ordinary = raised("ordinary")

    for value in ODD:
        assert all(now <= then for now, then in zip(raised(f"odd {value}"), ordinary, strict=True)), value


async def test_a_hosts_page_shows_whatever_number_it_told():
    console = Console(hosts=FixedHosts((HostStatus("A1", "x", "u", "U", "S", 3, heard_ns=1, silent=False),)))
    console.has_user()
    visitor = await console.logged_in()
    for value in ODD:
        told = [Sample(name, each, label(0)) for name in SHOWN for each in (value, 1.0)]
        for samples in (told, told[::-1], [Sample(name, value) for name in SHOWN]):
            console.samples["A1"] = samples
            page = await visitor.get("/hosts/A1")
            assert (page.status, re.search(r"\bnan\b|\binf\b|\d{30}", page.text)) == (200, None), value
    console.close()


def test_a_time_that_cannot_be_fires_nothing_and_is_counted(judge):
    times = (0, 1, 1 << 62, (1 << 64) - 1)
    for at_ns in times:
        (encoded,) = encode_happenings([failed_login(at_ns) for _ in range(200)])
        assert judge.frame(stored(encoded, agent=HOSTILE, received_ns=NOW)).verdicts == ()

    assert judge.clamped_total == 200 * len(times)


def test_a_field_that_no_sensor_would_send_harms_no_rule(judge):
    """In every kind of event, with a value that none expects: no rule is switched off by it."""
    for value in (*ODD, "nan", "-1", "1e999", "9" * 400, "\u0663", True, ("a",) * limits.TEXTS_PER_FIELD):
        happened = [Event(kind, NOW, 0, dict.fromkeys(FIELDS, value)) for kind in catalogue.events()]
        for encoded in encode_happenings(happened):
            assert judge.frame(stored(encoded, agent=HOSTILE, received_ns=NOW)).poison is None, value

    assert not judge.engine.counters.disabled
