# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.behind import Behind
from giamsat_rules.language.sigma import read_rule
from giamsat_rules.owner import Owner

FOREIGN = """title: A title
id: 72773ac2-75d1-41bc-8aff-d956fb8f0ae0
tags: [attack.t1110, attack.credential-access, tlp.amber]
logsource: {product: linux}
detection:
  selection: {a: 1}
  condition: selection
"""


def test_a_rule_written_elsewhere_goes_by_its_id_and_its_title_in_both_languages(document):
    header = read_rule(document(FOREIGN)).rule.header

    assert header.name == "72773ac2-75d1-41bc-8aff-d956fb8f0ae0"
    assert (header.title.vi, header.title.en) == ("A title", "A title")
    assert header.severity == "medium"
    assert header.techniques == ("T1110",)
    assert header.version == 1


@pytest.mark.parametrize(
    ("block", "what"),
    [
        ("giamsat: {version: 0}\n", "version"),
        ("giamsat: {version: '2'}\n", "version"),
        ("giamsat: [1]\n", "not a map"),
        ("giamsat: {group-by: source.ip}\n", "list of texts"),
        ("giamsat: {title: text}\n", "title"),
        ("giamsat: {tilte: {vi: a}}\n", "tilte"),
    ],
)
def test_a_fault_in_our_block_is_told(document, block, what):
    reading = read_rule(document(FOREIGN + block))

    assert reading.rule is None
    assert what in reading.problems[0].what
    assert reading.problems[0].origin.line == 8


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("[a]", "giamsat.behind is missing or not a map"),
        ("{rules: a}", "giamsat.behind.rules is no list of rules"),
        ("{rules: [a, 1]}", "giamsat.behind.rules is no list of rules"),
        ("{rules: []}", "giamsat.behind.rules is no list of rules"),
        ("{rules: [a], per: province}", "giamsat.behind.per is 'province'"),
        ("{rules: [a], per: [unit]}", "giamsat.behind.per is ['unit']"),
        ("{rules: [a], within: 1h}", "giamsat.behind.within is not known"),
    ],
)
def test_what_a_rule_stands_behind_is_said_so_or_refused(said, why, document):
    found = read_rule(document(f"{FOREIGN}giamsat: {{behind: {said}}}\n"))

    assert found.rule is None
    assert why in found.problems[0].what


def test_what_a_rule_stands_behind_is_known_of_it(document):
    said = "giamsat: {behind: {rules: [a, b, a], per: unit}}\n"

    assert read_rule(document(FOREIGN + said)).rule.header.behind == Behind(("a", "b"), Owner.UNIT)
    assert read_rule(document(FOREIGN)).rule.header.behind == Behind()
