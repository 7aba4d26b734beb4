# SPDX-License-Identifier: Apache-2.0
"""The stories of the rules' own cases, written as programs and devices write them, are read so that the rules fire."""

from datetime import UTC

import pytest

from giamsat_agent.parsers.recognizer import Recognizer
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_cases, load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence
from support.retelling import lines


@pytest.fixture(scope="module")
def rules():
    return load_rules(shipped().detections)


@pytest.fixture(scope="module")
def stories(rules):
    """Each rule's first story that can be told in lines, as its steps and the lines of each form."""
    found = {}
    for file in load_cases(shipped().detections)[0]:
        for story in file.fires:
            told = [lines(step.fields) if isinstance(step, Occurrence) else [] for step in story.steps]
            if all(told) and len({len(forms) for forms in told}) == 1:
                found[file.rule] = (story.steps, list(zip(*told, strict=True)))
                break
    return found


def fires(rules, pack, rule, steps, written):
    engine = Engine(rules.alone(rule), pack)
    recognizer = Recognizer(zone=UTC, origin={"event.provider": "syslog"})
    verdicts = []
    for number, (step, line) in enumerate(zip(steps, written, strict=True)):
        read = recognizer.recognize(line.encode(), key=b"%d" % number, now_ns=step.at_ns, mono_ns=0)
        for found in read:
            verdicts += engine.judge(Occurrence(step.subject, step.at_ns, found.event.fields, ref=number))
    verdicts += engine.settle()
    return rule in {verdict.rule for verdict in verdicts}


def test_a_story_told_in_the_lines_of_a_log_makes_its_rule_fire(rules, stories):
    pack = load_pack(shipped().pack)

    silent = [
        (rule, written[0])
        for rule, (steps, forms) in stories.items()
        for written in forms
        if not fires(rules, pack, rule, steps, written)
    ]

    assert silent == []
    assert len(stories) >= 45
