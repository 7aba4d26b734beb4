# SPDX-License-Identifier: Apache-2.0
"""Nothing a shipped rule asks for is beyond what some producer can tell: kinds, fields, constants, metrics, labels."""

import itertools
import re

import pytest

from giamsat_agent.devices import mib_file, profile
from giamsat_agent.sensor import Host
from giamsat_agent.sensors import METRICS
from giamsat_rules.language.link import TELLER
from giamsat_rules.language.sigma import METRIC_NAME
from giamsat_rules.load import load_cases, load_rules, shipped
from giamsat_rules.matching.logsource import ORIGIN, source_of
from giamsat_rules.matching.taxonomy import names
from giamsat_rules.rule import Correlation, Detection, MetricRule
from giamsat_rules.verdict import Occurrence
from giamsat_wire import catalogue
from giamsat_wire.clock import SystemClock
from support import producers
from support.asking import asked
from support.pretend_host import TREE

KIND = "event.action"
ALWAYS = {KIND, "event.category", "event.type", "@timestamp", "agent.id"}
"""Fields of every event."""
OURS = re.compile(r"event\.(outcome|provider|reason|code)|giamsat\..+|service\.name|error\.code|file\.type|user\.roles")
"""Fields whose values are chosen by whoever tells, not by the world."""


@pytest.fixture(scope="module")
def rules():
    return load_rules(shipped().detections).rules


def of(rules, kind):
    return [rule for rule in rules.values() if isinstance(rule, kind)]


def listed(value):
    return (value,) if isinstance(value, str) else value


def origin(teller, kind):
    """What an event of this kind says of where it comes from, as far as its teller always says the same."""
    said = {field: min(texts) for field, texts in teller.says.items() if texts and field in ORIGIN}
    return said | {"event.category": catalogue.events()[kind].category}


def tellers(alternative):
    """Who can tell of what the alternative asks for."""
    kinds = alternative.get(KIND) or catalogue.events().keys()
    return [one for one in producers.every() if one.kinds & kinds and tells(one, alternative)]


def tells(producer, alternative):
    for field, texts in alternative.items():
        if field in ALWAYS:
            continue
        if not any(map(producer.may_fill, names(field))):
            return False
        if texts is not None and OURS.fullmatch(field) and not any(producer.may_say(field, text) for text in texts):
            return False
    return True


def test_every_detection_can_be_met_by_what_some_producer_tells(rules):
    unmet = {rule.header.name for rule in of(rules, Detection) if not any(map(tellers, asked(rule)))}

    assert unmet == set()


def test_every_kind_of_event_a_detection_names_comes_from_its_log_source(rules):
    foreign = [
        (rule.header.name, kind)
        for rule in of(rules, Detection)
        for kind in {kind for one in asked(rule) for kind in one.get(KIND) or ()}
        if not any(
            source_of(origin(teller, kind)).admits(rule.logsource)
            for one in asked(rule)
            for teller in tellers(one | {KIND: {kind}})
        )
    ]

    assert foreign == []


def test_no_case_fires_by_another_category_than_the_kind_of_its_event_has():
    forged = [
        (file.rule, step.fields[KIND], said)
        for file in load_cases(shipped().detections)[0]
        for story in file.fires
        for step in story.steps
        if isinstance(step, Occurrence) and (kind := catalogue.events().get(str(step.fields.get(KIND))))
        if not set(listed(said := step.fields["event.category"])) <= set(kind.category)
    ]

    assert sorted(set(forged)) == []


def test_every_kind_of_event_a_detection_names_can_be_told_with_what_it_asks_for(rules):
    untold = [
        (rule.header.name, kind)
        for rule in of(rules, Detection)
        for kind in {kind for one in asked(rule) for kind in one.get(KIND) or ()}
        if not any(tellers(one | {KIND: {kind}}) for one in asked(rule) if kind in (one.get(KIND) or ()))
    ]

    assert untold == []


def test_no_constant_that_a_detection_compares_with_is_said_by_nobody(rules):
    unsaid = [
        (rule.header.name, field, text)
        for rule in of(rules, Detection)
        for one in asked(rule)
        for field, texts in one.items()
        if texts and field not in ALWAYS and OURS.fullmatch(field)
        for text in texts
        if not any(teller.may_say(field, text) for teller in tellers(one | {field: None}))
    ]

    assert unsaid == []


def test_what_an_alert_is_broken_down_by_and_what_is_counted_can_be_told(rules):
    needed = [(rule, rule.group_by) for rule in of(rules, Detection)]
    needed += [
        (rules[base], (*fields, *rule.value_fields))
        for rule in of(rules, Correlation)
        for base, fields in rule.fields.items()
        if isinstance(rules[base], Detection)
    ]

    unfilled = [
        (rule.header.name, field)
        for rule, fields in needed
        for field in fields
        # Who told is filled in where datagrams are taken in, whatever they say.
        if field not in {*ALWAYS, *TELLER}
        and not any(any(map(one.may_fill, names(field))) for found in asked(rule) for one in tellers(found))
    ]
    assert unfilled == []


def test_every_behaviour_that_frames_show_has_a_rule(rules):
    fields = ("giamsat.anomaly.class", "giamsat.policy.class")
    judged = {
        text
        for rule in of(rules, Detection)
        for one in asked(rule)
        for field in fields
        for text in one.get(field) or ()
    }

    assert len(producers.behaviours()) > 30
    assert producers.behaviours() - judged == set()


def test_every_metric_that_is_judged_is_reported_with_the_labels_that_are_asked_for(rules):
    host = Host(clock=SystemClock(), proc=TREE / "proc", sys=TREE / "sys", root=TREE / "root")
    reported = set(producers.words())
    for sensor in (spec.build(host) for spec in METRICS if spec.name != "systemd"):
        reported |= {sample.name for sample in sensor.read()}
    for one in (*mib_file.every().values(), *(device.mib for device in profile.every())):
        for figure in itertools.chain(one.scalars, *(table.figures for table in one.tables)):
            reported |= {figure.name, figure.dates, *figure.also.values()}
    said = {text.lower() for text in reported}

    wrong = []
    for rule in of(rules, MetricRule):
        judged = {*rule.metrics, *([rule.per] if rule.per else [])}
        wrong += [(rule.header.name, name) for name in judged - reported]
        labels = {label: texts for one in asked(rule) for label, texts in one.items() if label != METRIC_NAME}
        known = [kind.labels for kind in map(catalogue.metric, judged) if kind.help]
        wrong += [(rule.header.name, label) for label in labels if any(label not in names for names in known)]
        wrong += [(rule.header.name, text) for texts in labels.values() for text in (texts or set()) - said]
    assert wrong == []


@pytest.mark.parametrize(
    "asked_for",
    [
        {KIND: {"clock-jumped"}, "group.name": None},
        {KIND: {"service-failed"}, "event.outcome": {"perhaps"}},
        {KIND: {"packet-anomaly"}, "giamsat.anomaly.class": {"no such class"}},
        {KIND: {"packet-anomaly"}, "giamsat.anomaly.no_such_count": None},
        {KIND: {"no such kind"}},
    ],
    ids=["field", "constant", "class", "count", "kind"],
)
def test_what_nobody_tells_is_seen(asked_for):
    assert tellers(asked_for) == []
