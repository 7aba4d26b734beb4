# SPDX-License-Identifier: Apache-2.0
"""Every rule about commands of Linux fires from what a real sudo writes into a real journal: it refuses them all.

Nothing is run: the user stands in no sudoers file, so sudo writes down what was asked for and says no.
"""

import shlex
import shutil
import time

import pytest

from giamsat_agent.interpreter import Interpreter, everything
from giamsat_agent.logs.journal import Journal
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_cases, load_pack, load_rules, shipped
from giamsat_rules.rule import Detection
from giamsat_rules.verdict import Occurrence, Subject
from giamsat_wire.clock import SystemClock
from support.asking import asked
from support.journald import journald
from support.until import holds

pytestmark = [
    pytest.mark.root,
    pytest.mark.namespaces,
    pytest.mark.peer("useradd", "sudo", "journalctl"),
]
PLAIN = "Defaults !authenticate, !mail_no_perms, !mail_no_user, !mail_badpass\n"
END = "everything was asked for"


@pytest.fixture(scope="module")
def rules():
    return load_rules(shipped().detections)


@pytest.fixture(scope="module")
def stories(rules):
    """By rule, the user, the level and the words of a command that makes it fire; those inside a shell, too."""
    found = {}
    cases = {file.rule: file for file in load_cases(shipped().detections)[0]}
    for rule in rules.rules.values():
        if not isinstance(rule, Detection) or rule.silent:
            continue
        if not any("sudo-command" in (one.get("event.action") or ()) for one in asked(rule)):
            continue
        for story in cases[rule.header.name].fires:
            fields = story.steps[0].fields
            command = str(fields.get("process.command_line") or fields.get("process.executable") or "/usr/bin/id")
            user = "www-data" if fields.get("user.name") == "www-data" else "khach"
            found.setdefault(rule.header.name, []).append((user, story.level, command))
    return found


@pytest.fixture(scope="module")
def heard(stories, tmp_path_factory):
    """What the agent makes of the journal, by rule."""
    script = tmp_path_factory.mktemp("sudo") / "ask"
    lines = []
    for rule, asking in stories.items():
        for user, _, command in asking:
            words = f"setpriv --reuid={user} --regid={user} --init-groups sudo -n"
            lines += [f"{words} {_split(command)}", f"{words} sh -c {shlex.quote(command)}"]
        lines.append(f"logger -p auth.info -t rule {rule}")
    script.write_text("\n".join([*lines, f"logger -p auth.info -t rule '{END}'", ""]))
    with journald() as log:
        log.with_own_accounts()
        for words in (("useradd", "khach"), ("sh", "-c", f"echo '{PLAIN}' > /etc/sudoers.d/plain")):
            log.run(*words).check_returncode()
        source = Journal(shutil.which("journalctl"), clock=SystemClock(), since_ns=0, options=log.options)
        log.run("sh", script, capture_output=True).check_returncode()
        entries = []
        holds(lambda: entries.extend(source.read()) or any(one.text == END for one in entries), 20, "all is read")
        source.close()
    interpreter, told, waiting = Interpreter(everything(), provider="journald"), {}, []
    for entry in entries:
        waiting += interpreter.events(entry, mono_ns=time.monotonic_ns())
        if entry.program == "rule":
            told[entry.text], waiting = waiting, []
    return told


def _split(command):
    """The command as it would be typed, or a program that gets all of it where it is no line of a shell."""
    try:
        return shlex.join(shlex.split(command))
    except ValueError:
        return shlex.join(["sh", "-c", command])


def test_every_rule_about_commands_fires_from_what_sudo_writes(rules, stories, heard):
    silent = set()
    for rule, asking in stories.items():
        engine = Engine(rules.alone(rule), load_pack(shipped().pack))
        judged = [
            verdict.rule
            for level in {level for _, level, _ in asking}
            for event in heard[rule]
            for verdict in engine.judge(Occurrence(Subject(f"host {level}", level), event.wall_ns, event.fields))
        ]
        silent |= set() if rule in judged else {rule}

    assert len(stories) >= 35
    assert silent == set()


def test_sudo_refused_them_all(heard):
    asked_for = [event for told in heard.values() for event in told if event.kind == "sudo-command"]

    assert len(asked_for) >= 2 * len(heard) - 2
    assert {event.fields["event.outcome"] for event in asked_for} == {"failure"}


def test_who_is_refused_again_and_again_is_told_as_such(rules, heard):
    engine = Engine(rules.alone("sudo_refused_repeatedly"), load_pack(shipped().pack))
    told = [
        verdict.group
        for events in heard.values()
        for event in events
        for verdict in engine.judge(Occurrence(Subject("host", 5), event.wall_ns, event.fields))
    ]

    assert {"user.name": "khach"} in told
