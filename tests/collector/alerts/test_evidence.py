# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from functools import partial

import pytest

from giamsat_collector.alerts import evidence, pcap
from giamsat_collector.alerts.evidence import BYTES_PER_ASSET, NoEvidenceError
from giamsat_collector.alerts.grouping import opened
from giamsat_collector.errors import RefusedError
from support.memory_store import MemoryStore
from support.packets import capture
from support.packets import evidence as sent
from support.verdicts import PLACEMENT, verdict

DAY = 86_400_000_000_000


@pytest.fixture
def store():
    store = MemoryStore()
    yield store
    store.engine.dispose()


def keep(store, event, asset="A", at_ns=1):
    store.now(lambda rows: evidence.keep(rows, asset, evidence.carried(event), at_ns))


def found(store, *names, asset="A"):
    events = tuple({"giamsat.evidence.id": name} for name in names)
    wanted = replace(opened(verdict(), PLACEMENT, 1), asset=asset, evidence=events)
    return store.now(lambda rows: evidence.of_alert(rows, wanted))


def test_an_alert_finds_the_packets_its_events_name_in_their_order_and_those_of_no_other_host(store):
    (first, one), (second, two) = sent(capture(b"first"), "a line"), sent(capture(b"second"))
    for event in (first, second, second):
        keep(store, event)
    keep(store, first, asset="B")

    assert [piece.id for piece in found(store, two, one, two, "ab")] == [two, one]
    assert found(store, one)[0].lines == ("a line",)
    assert found(store, two, asset="B") == ()


def test_all_packets_of_an_alert_are_one_file_for_each_link_type(store):
    events = [
        sent(capture(b"one", b"two")),
        sent(capture(b"one", b"more", b"three")),
        sent(capture(b"r", link_type=101)),
    ]
    for event, _ in events:
        keep(store, event)
    files = evidence.files(found(store, *(name for _, name in events)))

    assert list(files) == [1, 101]
    assert [frame.data for frame in pcap.read(files[1]).frames] == [b"one", b"more", b"two", b"three"]


def test_an_alert_without_packets_says_so():
    with pytest.raises(NoEvidenceError, match="no packets are kept"):
        evidence.files(())


@pytest.mark.parametrize(
    "event",
    [sent(capture(b"x"), identity="ab" * 16)[0], sent(b"no capture")[0], replace(sent(b"")[0], fields={})],
    ids=["another id", "no capture", "nothing"],
)
def test_what_is_not_what_it_should_be_is_refused(event):
    with pytest.raises(RefusedError):
        evidence.carried(event)


def test_evidence_is_kept_as_long_as_the_events_of_its_host_and_no_longer(store):
    event, name = sent(capture(b"x"))
    days = {"one": 30, "short": 30, "long": 365}
    for asset in days:
        keep(store, event, asset=asset, at_ns=DAY)
    forget = partial(evidence.forget, kept_days=days.__getitem__, now_ns=32 * DAY, most=1)

    assert [store.now(forget) for _ in range(3)] == [1, 1, 0]
    assert (len(found(store, name, asset="short")), len(found(store, name, asset="long"))) == (0, 1)


def test_a_host_that_sends_without_end_pushes_out_its_own_oldest_evidence_only(store, monkeypatch):
    monkeypatch.setattr(evidence, "BYTES_PER_ASSET", 200_000)
    assert BYTES_PER_ASSET > 200_000
    other, untouched = sent(capture(b"other"))
    keep(store, other, asset="B", at_ns=0)
    names = []
    for number in range(5):
        event, name = sent(capture(bytes([number]) * 60_000))
        keep(store, event, at_ns=number)
        names.append(name)

    assert [piece.id for piece in found(store, *names)] == names[-3:]
    assert len(found(store, untouched, asset="B")) == 1
