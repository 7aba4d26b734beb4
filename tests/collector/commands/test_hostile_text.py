# SPDX-License-Identifier: Apache-2.0
"""What hosts call themselves is printed to a person's terminal: it moves nothing there, and stops nothing."""

import json

import pytest

from giamsat_collector.alerts.grouping import opened
from giamsat_collector.alerts.shape import as_full_json, as_json
from support.console_line import line
from support.verdicts import PLACEMENT, verdict

MARKUP = "[/red][link=x]y[/link] :bomb:"
"""Markup of the library that prints."""
HOSTILE = "a\r\nP1  an alert of another host\x1b[2J\x1b]0;x\x07\x9b31m\x85\u202egnp.exe\u2066\u200b\x00\x7f\x08\x08"
"""A line of its own, a screen that is cleared and a window renamed, words written backwards and what nobody sees."""
HIDDEN = [chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), 0x202E, 0x2066, 0x200B)]


def answers(text):
    """Answers of the collector, for some commands, in which a host's words are `text`."""
    alert = opened(verdict(source=text), PLACEMENT, 1)
    whole = {"runbook": {"vi": "1. Xem.", "en": "1. Look."}, "measured_by": None, "consequences": 0}
    agent = {"id": "id-1", "hostname": text, "unit": "u", "level": None, "state": "live", "heard": None}
    agent |= {"certificate_expires": "2026-01-15T00:00:00.000Z", "refused": None}
    ends = {"source": {"ip": "192.0.2.7", "port": 1, "bytes": 1}}
    ends["destination"] = {"ip": "192.0.2.8", "port": 443, "bytes": 1, "domain": text}
    flow = {**ends, "network": {"transport": "tcp", "packets": 2}, "event": {"start": "2026-01-15", "duration": 1}}
    packets = {"id": "ab", "interface": text, "frames": 1, "lines": [f"Ether / {text}"]}
    return {
        "alerts__list": {"alerts": [as_json(alert)], "more": False},
        "alerts__show": {**as_full_json(alert, ()), **whole},
        "alerts__evidence": {"files": {}, "evidence": [packets]},
        "enrol__agents": [agent],
        "flows__search": {"flows": [flow], "more": False, "minutes": 1, "bytes": 2, "others_bytes": 0},
    }


COMMANDS = (
    ("alerts", "list"),
    ("alerts", "show", "x"),
    ("alerts", "evidence", "x"),
    ("enrol", "agents"),
    ("flows", "search"),
)


def strings(found):
    """Every text that stands in JSON."""
    if isinstance(found, str):
        return [found]
    inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return [text for each in inner for text in strings(each)]


@pytest.mark.parametrize("text", [MARKUP, HOSTILE], ids=["markup", "characters"])
def test_words_of_a_host_move_no_terminal_and_stop_no_command(tmp_path, monkeypatch, text):
    monkeypatch.setenv("COLUMNS", "400")
    with line(tmp_path, **answers(text)) as here:
        for words in COMMANDS:
            result = here.run(*words)

            assert result.exit_code == 0, (words, result.exception)
            assert [one for one in HIDDEN if one in result.output] == [], words
            assert not any(printed.startswith("P1  an alert") for printed in result.output.splitlines()), words
            if text.isprintable():
                assert text in result.output, words

            exact = here.run(*words, "--json")

            assert [one for one in HIDDEN if one in exact.output] == [], words
            assert text in strings([json.loads(printed) for printed in exact.stdout.splitlines()]), words
