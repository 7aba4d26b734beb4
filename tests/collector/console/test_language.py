# SPDX-License-Identifier: Apache-2.0
import ast
import re
from importlib import resources
from itertools import chain
from pathlib import Path

import pytest

import giamsat_collector
from giamsat_collector.console.language import Languages
from giamsat_collector.console.problem import SENTENCES
from giamsat_collector.console.views import hosts, overrides, queue, suppressions, words

COLLECTOR = Path(giamsat_collector.__file__).parent
CONSOLE = resources.files("giamsat_collector.console")
IN_TEMPLATES = re.compile(r"""\b_\(\s*(?:"([^"]*)"|'([^']*)')""")
IN_CODE = re.compile(r'"([^"\n]*)"')
VIETNAMESE = re.compile(r"[À-ÖØ-öø-ỹ]")
ENGLISH, VIETNAMESE_TABLE = Languages().named("en"), Languages().named("vi").table
REFUSALS = {"RefusedError", "UnknownError", "UnknownAlertError", "ConflictError", "NoEvidenceError", "CellError"} | {
    "UnknownIncidentError",
    "NotRunningError",
}
REFUSE = (
    "suppressing/*.py",
    "registry/*.py",
    "alerts/ledger.py",
    "alerts/lifecycle.py",
    "alerts/search.py",
    "availability/*.py",
    "incidents/*.py",
    "enrol/agents.py",
    "enrol/agreement.py",
    "enrol/progress.py",
    "enrol/tokens.py",
    "reports/generator.py",
    "reports/period.py",
    "preconditions.py",
    "console/accounts.py",
    "console/guard.py",
    "console/routes/*.py",
    "control/accounts.py",
    "control/alerts.py",
    "control/availability.py",
    "control/client.py",
    "control/coverage.py",
    "control/flows.py",
    "control/incidents.py",
    "control/ledger.py",
    "control/tokens.py",
    "control/notify.py",
    "control/sightings.py",
    "control/statements.py",
    "coverage/attesting.py",
    "indicators/lists.py",
    "commands/a[ds]*.py",
    "commands/authority.py",
    "commands/enrol*.py",
    "commands/explain.py",
    "commands/letters.py",
    "commands/moment.py",
    "commands/registry.py",
)
"""Modules whose refusals people read, visitors of the console and administrators at the command line."""


def below(folder, ending):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from below(entry, ending)
        elif entry.name.endswith(ending):
            yield entry


def said():
    """Every sentence the templates and the code say in Vietnamese."""
    sentences = {"cao"}
    for table in (
        words.STATES,
        words.SEVERITIES,
        words.ACTIONS,
        words.DONE,
        queue.CHIP_NAMES,
        hosts.CONDITIONS,
        suppressions.STATES,
        overrides.FORCES,
        {unit: said for unit, said in overrides.UNITS.items() if unit not in {"celsius", "percent"}},
    ):
        sentences |= set(table.values())
    for template in below(CONSOLE.joinpath("templates"), ".html"):
        sentences |= {"".join(found) for found in IN_TEMPLATES.findall(template.read_text(encoding="utf-8"))}
    for module in below(CONSOLE, ".py"):
        code = re.sub(r'"""[\s\S]*?"""', "", module.read_text(encoding="utf-8"))
        code = re.sub(r'"\s*\n\s*"', "", code)
        sentences |= {text for text in IN_CODE.findall(code) if VIETNAMESE.search(text)}
    return (sentences | set(chain.from_iterable(SENTENCES.values()))) - {"Tiếng Việt", ""}


def test_everything_the_console_says_is_said_in_english():
    assert sorted(said() - ENGLISH.table.keys()) == []


def test_nothing_is_translated_that_nobody_says():
    assert sorted(ENGLISH.table.keys() - said()) == []


def test_translations_fill_in_what_the_source_fills_in():
    names = re.compile(r"\{(\w+)\}")
    for source, translated in ENGLISH.table.items():
        forms = [translated] if isinstance(translated, str) else [translated["other"]]
        for form in forms:
            assert sorted(names.findall(form)) == sorted(names.findall(source)), source


def test_templates_say_nothing_outside_the_catalogue():
    for template in below(CONSOLE.joinpath("templates"), ".html"):
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)

        assert not VIETNAMESE.search(bare), template.name


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "vi"),
        ("en-GB,en;q=0.9", "en"),
        ("fr,en;q=0.4,vi;q=0.8", "vi"),
        ("fr", "vi"),
        ("en;q=x,vi;q=0.1", "vi"),
        ("vi;q=0,en;q=0.1", "en"),
        ("," * 5_000, "vi"),
    ],
)
def test_a_browser_gets_the_language_it_prefers(accepted, code):
    assert Languages().preferred(accepted).code == code


def test_english_counts_one_apart():
    assert ENGLISH.text("{count} ngày", count=1) == "1 day"
    assert ENGLISH.text("{count} ngày", count=3) == "3 days"


def test_braces_in_what_is_filled_in_stay_text():
    assert ENGLISH.text("Không thực hiện được: {reason}", reason="{x.__class__}") == "Not done: {x.__class__}"


def calls(modules):
    """Every call in modules of the collector, by the name of what is called."""
    for pattern in modules:
        for module in sorted(COLLECTOR.glob(pattern)):
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield getattr(node.func, "id", getattr(node.func, "attr", "")), node, module.name


def sentences(modules):
    """What stands in so many words where something is refused, and in what refusals are put together of."""
    for name, node, _ in calls(modules):
        if name in REFUSALS | {"Sentence"}:
            said = node.args[1:] if name == "CellError" else node.args
            yield from (one.value for one in said if isinstance(one, ast.Constant))


def test_every_refusal_a_person_reads_is_said_in_vietnamese():
    assert sorted(set(sentences(REFUSE)) - VIETNAMESE_TABLE.keys()) == []


def test_no_refusal_a_person_reads_is_put_together_before_it_can_be_translated():
    made = [
        (module, node.lineno)
        for name, node, module in calls(REFUSE)
        if name in REFUSALS | {"Sentence"} and any(isinstance(one, ast.JoinedStr) for one in node.args)
    ]
    made += [
        (module, node.lineno)
        for name, node, module in calls(REFUSE)
        if name in {"must_be_known", "must_be_a_second"}
        and any(isinstance(one, ast.Constant | ast.JoinedStr) for one in node.args)
    ]

    assert made == []


def test_nothing_is_said_in_vietnamese_that_nobody_refuses():
    assert sorted(VIETNAMESE_TABLE.keys() - set(sentences(["**/*.py"]))) == []


def test_a_refusal_in_vietnamese_fills_in_nothing_its_sentence_lacks():
    names = re.compile(r"\{(\w+)")
    wrong = {one for one, said in VIETNAMESE_TABLE.items() if not set(names.findall(said)) <= set(names.findall(one))}

    assert wrong == set()
