# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from giamsat_collector.alerts.alert import GroupCount
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.fleet import Fleet
from giamsat_collector.ingest.frames import CARRIED
from giamsat_collector.ingest.presence import Greeting
from giamsat_collector.judge import Judge, Judged
from giamsat_collector.silence.silences import SOURCES_PER_ASSET
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, shipped
from giamsat_rules.rule import RuleSet
from giamsat_rules.verdict import Subject
from giamsat_wire.chain import ChainEncoder
from giamsat_wire.codec import Encoded, FrameFlag, encode_happenings, encode_loss, encode_readings
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Loss, LossReason, Sample, SampleSet
from support.clock import ManualClock
from support.console import Console
from support.judging import ASSET, SECOND, engine, failed_login, stored

NOW = ManualClock().wall_ns()


class Level:
    """Every asset is judged by one level."""

    def __init__(self, level):
        self._level = level

    def subject(self, asset, at_ns=None):
        return Subject(asset, self._level, f"unit of {asset}")


@pytest.fixture
def judge():
    return made(3)


def made(level, clock=None):
    return Judge(engine(), Level(level), HostPages(), Fleet(clock or ManualClock()))


def frames(*events, **words):
    return [
        stored(encoded, **{"received_ns": NOW, "id_": number, **words})
        for number, encoded in enumerate(encode_happenings(events), 1)
    ]


def guesses(number, **words):
    return frames(*(failed_login(NOW + index) for index in range(number)), **words)


def verdicts(judge, given, rule="ssh_brute_force"):
    return [found for frame in given for found in judge.frame(frame).verdicts if found.rule == rule]


def measured(encoded, **words):
    return stored(encoded, lane=Lane.METRIC, **words)


def reading(chain, *samples, begin=False, wall_ns=NOW):
    return encode_readings(chain, [SampleSet(wall_ns, 0, samples)], begin=begin)


@pytest.mark.parametrize(("level", "needed"), [(1, 20), (3, 8), (5, 5), (None, 5)])
def test_the_level_of_the_asset_decides_and_none_counts_as_the_highest(level, needed):
    assert verdicts(made(level), guesses(needed - 1)) == []
    assert [found.count for found in verdicts(made(level), guesses(needed))] == [needed]


def test_the_same_frames_give_the_same_verdicts(judge):
    assert verdicts(judge, guesses(30)) == verdicts(made(3), guesses(30))


def test_who_sent_an_event_comes_from_the_frame_whatever_the_event_says(judge):
    lie = [failed_login(NOW + index) for index in range(8)]
    for event in lie:
        event.fields["agent.id"] = "somebody else"
        event.fields["event.action"] = "nothing"

    (found,) = verdicts(judge, frames(*lie))

    assert found.subject.asset == ASSET
    assert {(each["agent.id"], each["event.action"]) for each in found.evidence} == {(ASSET, "user-login")}


def test_a_hosts_wrong_clock_is_corrected_before_anything_is_judged(judge):
    year = 365 * 86_400 * SECOND
    events = [failed_login(NOW - year + index) for index in range(8)]

    (found,) = verdicts(judge, frames(*events, offset_ns=year))

    assert NOW <= found.first_ns <= NOW + 8
    assert (judge.late_total, judge.clamped_total) == (0, 0)


def test_what_comes_late_is_judged_when_it_happened_and_marked(judge):
    events = [failed_login(NOW - 3600 * SECOND + index) for index in range(8)]

    (found,) = verdicts(judge, frames(*events))

    assert (found.late, found.first_ns) == (True, NOW - 3600 * SECOND)
    assert judge.late_total == 8


def test_what_is_carried_may_be_old_and_says_nothing_of_now(judge):
    """A week on a stick: judged when it happened, marked late; the host's page and its logs are as silent as before."""
    week_ns = 7 * 86_400 * SECOND
    carried = [replace(frame, flags=frame.flags | CARRIED) for frame in guesses(8, received_ns=NOW + week_ns)]
    encoded = encode_readings(ChainEncoder(), [SampleSet(NOW, 0, (Sample("node_load1", 1.0),))], begin=True)
    metrics = measured(encoded, received_ns=NOW + week_ns)

    (found,) = verdicts(judge, carried)
    judge.frame(replace(metrics, flags=metrics.flags | CARRIED))

    assert found.late
    assert judge.silences.sources(ASSET) == {}
    assert judge.pages.series(ASSET) == 0
    assert verdicts(made(3), guesses(8, received_ns=NOW + week_ns)) == []


def test_a_delta_without_its_keyframe_is_counted_and_is_no_poison(judge):
    chain = ChainEncoder()
    reading(chain, Sample("node_load1", 1.0), begin=True)
    delta = reading(chain, Sample("node_load1", 2.0))

    outcome = judge.frame(stored(delta, received_ns=NOW))

    assert (outcome.poison, outcome.verdicts, judge.broken_chains_total) == (None, (), 1)
    assert judge.pages.page(ASSET, NOW) is None


def test_the_page_of_a_host_follows_its_readings(judge):
    chain = ChainEncoder()
    for value, begin in ((1.0, True), (2.5, False)):
        judge.frame(measured(reading(chain, Sample("node_load1", value), begin=begin), received_ns=NOW))

    assert judge.pages.page(ASSET, NOW).decode().endswith("node_load1 2.5\n")


def test_an_unreadable_frame_is_poison_and_takes_the_hosts_page_with_it(judge):
    judge.frame(measured(reading(ChainEncoder(), Sample("node_load1", 1.0), begin=True), received_ns=NOW))

    outcome = judge.frame(stored(Encoded(FrameFlag(0), b"\xff garbage"), received_ns=NOW))

    assert outcome.poison
    assert judge.pages.page(ASSET, NOW) is None


def test_an_agent_cannot_speak_as_the_collector(judge):
    said = Event("agent-identity-copied", NOW, 0, {"event.provider": "collector"})

    lied, remarked = (judge.frame(frames(said, epoch=epoch)[0]) for epoch in (5, 0))

    assert (lied.forged, lied.verdicts) == ("collector", ())
    assert (remarked.forged, [found.rule for found in remarked.verdicts]) == (None, ["agent_identity_misused"])


def test_an_agent_cannot_say_what_lists_of_evil_say(judge):
    fields = {"event.category": ("authentication",), "event.outcome": "success", "user.name": "an"}
    claimed = {"giamsat.threat.role": "visitor", "threat.indicator.name": "x", "source.ip": "192.0.2.7"}

    assert not verdicts(judge, frames(Event("user-login", NOW, 0, {**fields, **claimed})), "known_bad_login")


def test_an_event_of_another_epoch_leaves_the_metric_chain_alone(judge):
    chain = ChainEncoder()
    judge.frame(measured(reading(chain, Sample("node_load1", 1.0), begin=True), received_ns=NOW))

    judge.frame(guesses(1, epoch=6)[0])
    judge.frame(measured(reading(chain, Sample("node_load1", 2.0)), received_ns=NOW))

    assert judge.broken_chains_total == 0
    assert judge.pages.page(ASSET, NOW).decode().endswith("node_load1 2\n")


def test_an_event_that_names_another_agent_is_reported(judge):
    lie = failed_login(NOW)
    lie.fields["agent.id"] = "somebody else"

    outcomes = [judge.frame(frame).forged for frame in (*frames(lie), *guesses(1))]

    assert outcomes == ["somebody else", None]


def test_a_new_epoch_begins_a_new_chain(judge):
    chain = ChainEncoder()
    judge.frame(measured(reading(chain, Sample("node_load1", 1.0), begin=True), received_ns=NOW))

    judge.frame(measured(reading(chain, Sample("node_load1", 2.0)), received_ns=NOW, epoch=6))

    assert judge.broken_chains_total == 1


def test_a_declared_loss_is_handed_on(judge):
    loss = Loss(Lane.EVENT, 5, 1, 3, LossReason.CORRUPT)

    assert judge.frame(stored(encode_loss(loss))).loss == loss


def test_the_log_sources_of_one_host_have_a_bound(judge):
    events = [Event("x", NOW, 0, {"log.file.path": f"/var/log/{number}"}) for number in range(200)]

    for frame in frames(*events):
        judge.frame(frame)

    assert len(judge.silences.sources(ASSET)) == SOURCES_PER_ASSET


def silent_for(seconds, level=3):
    clock = ManualClock()
    judge = made(level, clock)
    judge.fleet.greeted(Greeting(ASSET, "máy-1", "1", 15.0, 0, "b"))
    clock.advance(seconds * SECOND)
    return judge, clock


@pytest.mark.parametrize(("level", "after"), [(5, 75), (3, 150), (1, 280)])
def test_silence_is_an_alert_after_what_the_level_allows(level, after):
    quiet, its = silent_for(after, level)
    too_quiet, other = silent_for(after + 1, level)

    assert quiet.silence(its.wall_ns()) == ()
    assert [found.rule for found in too_quiet.silence(other.wall_ns())] == ["agent_silent"]


def test_an_alert_that_is_open_is_not_raised_again_after_a_restart_and_clears():
    console = Console()
    console.place(asset=ASSET)
    place, subject = console.registry.placement(ASSET), Subject(ASSET, 3)
    opened = console.raise_alert(placement=place, subject=subject, rule="agent_silent", group={"source": "agent"})
    console.close()
    judge, clock = silent_for(200)
    judge.resume([opened])

    again = judge.silence(clock.wall_ns())
    judge.fleet.heard(ASSET, clock.wall_ns())
    cleared = judge.silence(clock.wall_ns())

    assert opened.groups == (GroupCount({"source": "agent"}, 1, NOW, NOW),)
    assert again == ()
    assert [found.change for found in cleared] == ["cleared"]


def test_an_event_is_judged_as_its_asset_s_with_level_and_unit(monkeypatch):
    judge, subjects = made(4), []
    monkeypatch.setattr(judge.engine, "judge", lambda occurrence: subjects.append(occurrence.subject) or ())

    for frame in guesses(1):
        judge.frame(frame)

    assert subjects == [Subject(frame.agent, 4, f"unit of {frame.agent}")]


def test_another_engine_sees_the_metrics_it_asks_for_in_chains_that_go_on(judge):
    chain = ChainEncoder()
    first, low = (reading(chain, Sample("node_memory_MemAvailable_bytes", 1.0), begin=begin) for begin in (True, False))
    judge.engine = Engine(RuleSet({}, (), ()), load_pack(shipped().pack))
    judge.frame(measured(first, id_=1, received_ns=NOW))
    follower, asked = engine(), []
    follower.judge_samples = lambda subject, samples: asked.extend(samples.samples) or ()

    judge.follow(follower)
    judge.frame(measured(low, id_=2, received_ns=NOW))

    assert [sample.name for sample in asked] == ["node_memory_MemAvailable_bytes"]


def test_a_frame_that_makes_a_reader_fail_is_poison_and_those_after_it_are_judged(judge, monkeypatch):
    frame, *_ = frames(Event("flow-summary", NOW, 0, {}))
    monkeypatch.setattr("giamsat_collector.judge._traffic", lambda stored, decoded: [1 // 0])

    with capture_logs() as said:
        poisoned = judge.frame(frame)
    monkeypatch.undo()

    assert poisoned == Judged(poison="judging it failed: ZeroDivisionError")
    assert [(line["event"], line["agent"], line["exc_info"]) for line in said] == [("frame_not_judged", ASSET, True)]
    assert [found.count for found in verdicts(judge, guesses(8))] == [8]
