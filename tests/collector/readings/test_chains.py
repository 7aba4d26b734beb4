# SPDX-License-Identifier: Apache-2.0
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from giamsat.v1 import telemetry_pb2
from giamsat_collector.ingest.frames import StoredFrame
from giamsat_collector.readings import chains
from giamsat_collector.readings.chain import EXACT
from giamsat_collector.readings.chains import Chains
from giamsat_wire.chain import ChainDecoder, ChainEncoder
from giamsat_wire.codec import Encoded, FrameFlag, Readings, decode, encode_happenings, encode_readings
from giamsat_wire.errors import ChainError, MalformedError
from giamsat_wire.lane import Lane
from giamsat_wire.record import Event, Sample, SampleSet

KINDS = telemetry_pb2.Series
DECLARED = [
    KINDS(name="node_load1", decimals=2, type=KINDS.GAUGE),
    KINDS(name="other", decimals=9),
    KINDS(name="node_load5", type=KINDS.GAUGE),
    KINDS(name="node_load5", labels=["a", "b"], decimals=3),
    KINDS(name="node_time_seconds"),
    KINDS(name="other_seconds"),
    KINDS(name="last"),
]
WANTED = frozenset({"node_load1", "node_load5", "node_time_seconds"})
REAL = (4, 5)
"""The ids of series whose values travel as doubles: one that is wanted, one that is not."""
CHAIN = 77


def steps(ids):
    return [now - before for before, now in zip([-1, *ids], ids, strict=False)]


def one_set(wall_ns=0, integers=(), reals=(), gone=()):
    integers, reals = sorted(dict(integers).items()), sorted(dict(reals).items())
    return telemetry_pb2.SampleSet(
        wall_ns=wall_ns,
        mono_ns=wall_ns,
        changed=steps([at for at, _ in integers]),
        delta=[value for _, value in integers],
        real=steps([at for at, _ in reals]),
        real_value=[value for _, value in reals],
        gone=steps(sorted(gone)),
    )


def raw(*sets, series=(), chain=CHAIN):
    message = telemetry_pb2.MetricFrame(chain=chain, sets=sets, series=series)
    return telemetry_pb2.Payload(metrics=message).SerializeToString()


def keyframe(present=range(4), **words):
    first = one_set(integers={at: at + 1 for at in present}, reals=dict.fromkeys(REAL, 0.5))
    return FrameFlag.KEYFRAME, raw(first, series=DECLARED, **words)


def stored(flags, payload, *, agent="a", epoch=1, lane=Lane.METRIC):
    return StoredFrame(1, agent, epoch, lane, 1, int(flags), 0, 0, payload)


def backlog(agent="filler", frames=6):
    """Frames that are read together: enough for the others to be, too."""
    plain = [raw(*[one_set(at, {0: 5, 1: -at, 3: 1 << at}, {4: at / 3}) for at in range(4)])] * frames
    return [stored(*keyframe(), agent=agent), *(stored(0, each, agent=agent) for each in plain)]


def ready():
    """Chains that know the agents above to send four sets in a frame."""
    made = Chains(WANTED)
    made.opened([*backlog(frames=1), *backlog("another", 1)])
    return made


class Alone:
    """The contract: each frame by itself, through the decoder of its agent and epoch."""

    def __init__(self):
        self.chains = {}

    def opened(self, frame):
        decoder = self.chains.get(frame.agent, (None, None))
        if decoder[0] != frame.epoch:
            decoder = self.chains[frame.agent] = frame.epoch, ChainDecoder(WANTED)
        try:
            return decode(frame.flags, frame.payload, decoder[1]), decoder[1].types
        except Exception as error:  # noqa: BLE001 - compared with what the other says
            return error, decoder[1].types


def as_text(content):
    if isinstance(content, Readings):
        return [(one.wall_ns, one.mono_ns, one.series, list(map(repr, one.values))) for one in content.sets]
    return repr(content)


def state(decoder):
    """All there is in a decoder; what it gives of itself first, which brings it up to date."""
    held = ("begun", "chain", "types", "series", "scaled", "absent", "watched", "arranged", "places")
    return [getattr(decoder, name) for name in held] + [repr(sorted(decoder.reals.items())), repr(decoder.values)]


small = st.integers(-3, 3)
large = st.sampled_from([EXACT, -EXACT, EXACT + 1, EXACT * 2, EXACT * 4, (1 << 62) + 1, (1 << 63) - 1, -(1 << 63)])
doubles = st.sampled_from([0.1, -0.0, math.nan, math.inf, 1e300])
usual = st.builds(
    one_set,
    st.integers(0, 9),
    st.dictionaries(st.integers(0, 3), st.integers(-(1 << 40), 1 << 40)),
    st.dictionaries(st.sampled_from(REAL), doubles),
)
odd = st.builds(
    one_set,
    st.integers(0, 9),
    st.dictionaries(st.integers(0, 7), small | large, max_size=4),
    st.dictionaries(st.integers(0, 6), doubles, max_size=3),
    st.sets(st.integers(0, 6), max_size=2),
)


@st.composite
def hostile(draw):
    """A set whose columns mean nothing in one way or another."""
    ids = st.sampled_from([0, 1, 1, 1, 2, 5, 6, 200, 1 << 20, (1 << 32) - 1])
    changes = draw(st.lists(st.tuples(ids, small | large), max_size=3))
    reals = draw(st.lists(st.tuples(ids, doubles), max_size=2))
    made = one_set()
    made.changed.extend(step for step, _ in changes)
    made.delta.extend([delta for _, delta in changes] + draw(st.sampled_from([[], [], [], [1]])))
    made.real.extend(step for step, _ in reals)
    made.real_value.extend([value for _, value in reals] + draw(st.sampled_from([[], [], [], [1.0]])))
    return made


@st.composite
def damaged(draw, payloads):
    """Some bytes of a payload are others, missing or there twice."""
    given_ = draw(payloads)
    at, much = draw(st.integers(0, len(given_))), draw(st.integers(0, 6))
    put = draw(st.binary(max_size=3) | st.just(given_[at : at + much] * 2) | st.just(b"\x81\x80\x00"))
    return given_[:at] + put + given_[at + much :]


usual_frames = st.builds(lambda sets: (0, raw(*sets)), st.lists(usual, min_size=1, max_size=4))
odd_frames = st.one_of(
    *[st.builds(lambda sets: (0, raw(*sets)), st.lists(st.one_of(usual, odd, hostile()), max_size=5))] * 3,
    st.builds(lambda sets: (0, raw(*sets, series=DECLARED[:2])), st.lists(odd, max_size=2)),
    st.builds(lambda sets: (0, raw(*sets, chain=8)), st.lists(usual, max_size=1)),
    st.builds(lambda payload: (0, payload), damaged(st.builds(raw, usual, usual))),
    st.just((int(FrameFlag.ZSTD), b"no frame of zstd")),
)
keyframes = st.builds(keyframe, st.sampled_from([(0, 1, 2, 3, 6), (0, 1, 2, 3, 6), (1, 3), ()]))
stretches = st.tuples(
    st.tuples(st.sampled_from("ab"), st.sampled_from([1, 1, 1, 2])),
    st.tuples(keyframes, *[usual_frames] * 2, odd_frames, usual_frames, odd_frames),
    st.integers(0, 1),
)
"""An agent in an epoch, frames of which it sends those from the keyframe on or from the next."""
batches = st.lists(stretches, max_size=3)


@settings(max_examples=150)
@given(st.lists(batches, min_size=1, max_size=3))
def test_frames_read_together_are_what_the_decoder_makes_of_each_and_leave_it_as_it_would_be(given_batches):
    together, alone = ready(), Alone()

    for number, batch in enumerate(given_batches):
        begun = [stored(*keyframe(), agent=agent) for agent in "ab"] if number == 0 else []
        its = [
            stored(*frame, agent=agent, epoch=epoch) for (agent, epoch), frames, at in batch for frame in frames[at:]
        ]
        frames = begun + backlog()[: 4 if number else None] + its + backlog("another")
        every = together.opened(frames)

        for frame, opened in zip(frames, every, strict=True):
            content, types = alone.opened(frame)
            assert as_text(opened.content) == as_text(content)
            assert opened.types == types
        for agent, (epoch, decoder) in alone.chains.items():
            known = together._chains[agent]
            assert known[0] == epoch
            assert repr(known[1].samples()) == repr(decoder.samples())
            assert state(known[1].decoder) == state(decoder)


def test_the_middle_of_chains_is_read_without_the_decoder(monkeypatch):
    together, frames = Chains(WANTED), [*backlog("a", 12), *backlog("b", 12)]
    alone = Alone()
    expected = [as_text(alone.opened(frame)[0]) for frame in frames]
    keys = [frame for frame in frames if frame.flags]
    together.opened(keys)
    monkeypatch.setattr(ChainDecoder, "frame", None)

    rest = [frame for frame in frames if not frame.flags]

    wanted = [text for text, frame in zip(expected, frames, strict=True) if not frame.flags]
    assert [as_text(opened.content) for opened in together.opened(rest)] == wanted


def test_a_set_of_each_of_many_agents_is_read_by_their_decoders(monkeypatch):
    together = Chains(WANTED)
    agents = [f"agent {number}" for number in range(40)]
    together.opened([stored(*keyframe(), agent=agent) for agent in agents])
    monkeypatch.setattr(chains, "advance", None)

    opened = together.opened([stored(0, raw(one_set(integers={0: 1})), agent=agent) for agent in agents])

    assert {type(one.content) for one in opened} == {Readings}


def test_events_between_readings_are_read_in_their_place():
    (event,) = encode_happenings([Event("user-login", 1, 1, {})])
    frames = [*backlog(), stored(event.flags, event.payload, lane=Lane.EVENT)]

    opened = ready().opened(frames)

    assert [type(one.content).__name__ for one in opened] == ["Readings"] * 7 + ["Happenings"]


def test_a_frame_that_is_refused_breaks_its_own_chain_alone():
    bad = stored(0, raw(one_set(integers={7: 1})), agent="filler")
    frames = [*backlog(), bad, *backlog()[1:2], *backlog("another")]

    errors = [opened.content for opened in ready().opened(frames) if isinstance(opened.content, Exception)]

    assert [type(error) for error in errors] == [MalformedError, ChainError]
    assert "never declared" in str(errors[0])


def test_why_a_frame_is_refused_holds_nothing_of_what_was_parsed():
    frames = [stored(*keyframe()), stored(0, raw(one_set(integers={7: 1}))), stored(0, b"\xff nothing")]

    errors = [opened.content for opened in ready().opened(frames)[1:]]

    assert [type(error) for error in errors] == [MalformedError, MalformedError]
    assert [(error.__traceback__, error.__cause__, error.__context__) for error in errors] == [(None, None, None)] * 2


def test_a_frame_whose_columns_do_not_match_hides_nothing_of_the_one_before_it():
    """Both are left to the decoder: the first wakes a series that was absent, the second contradicts itself."""
    wakes, wrong = one_set(integers={0: 0}), telemetry_pb2.SampleSet(changed=[1])
    frames = [stored(*keyframe(())), stored(0, raw(wakes)), stored(0, raw(wrong)), *backlog()]

    first, second, third, *_ = (opened.content for opened in ready().opened(frames))

    assert [len(one.sets[0].series) for one in (first, second)] == [1, 2]
    assert isinstance(third, MalformedError)


def test_samples_and_other_names_asked_for_see_what_was_read_together():
    together = ready()
    *_, last = together.opened(backlog())
    before = {(sample.name, sample.labels): sample.value for sample in last.samples()}

    together.want({"other"})
    *_, after = together.opened([stored(0, raw(one_set(integers={1: 10**9})), agent="filler")])

    assert before["node_load1", ()] == (1 + 6 * 4 * 5) / 100
    assert [list(one.values) for one in after.content.sets] == [[before["other", ()] + 1]]


def test_a_new_epoch_begins_a_new_chain_among_frames_read_together():
    other = [stored(frame.flags, frame.payload, agent="filler", epoch=2) for frame in backlog()]
    frames = [*backlog(), *other[1:2], *other]

    kinds = [type(opened.content) for opened in ready().opened(frames)]

    assert kinds == [Readings] * 7 + [ChainError] + [Readings] * 7


@pytest.mark.parametrize("fault", [ValueError, OverflowError])
def test_a_fault_in_reading_together_is_told_and_costs_no_frame(monkeypatch, fault):
    def failing(runs):
        raise fault

    monkeypatch.setattr(chains, "advance", failing)
    with capture_logs() as said:
        kinds = {type(opened.content) for opened in ready().opened(backlog(frames=12))}

    assert kinds == {Readings}
    assert {line["event"] for line in said} == {"frames_not_read_together"}


def test_what_a_real_encoder_sends_is_read_together_bit_for_bit():
    encoder, together, alone = ChainEncoder(), ready(), Alone()
    frames = []
    for at in range(24):
        sets = [SampleSet(at, at, (Sample("node_load1", at * step / 7), Sample("x", float(step)))) for step in range(4)]
        encoded: Encoded = encode_readings(encoder, sets, begin=False)
        frames.append(stored(encoded.flags, encoded.payload))

    assert [as_text(one.content) for one in together.opened(frames)] == [as_text(alone.opened(f)[0]) for f in frames]
