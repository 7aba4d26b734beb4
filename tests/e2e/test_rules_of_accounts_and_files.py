# SPDX-License-Identifier: Apache-2.0
"""Rules about accounts fire from what the real tools write, rules about critical files from real files that change."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from giamsat_agent.interpreter import Interpreter, everything
from giamsat_agent.logs.journal import Journal
from giamsat_agent.sensor import Host
from giamsat_agent.sensors.file_integrity import FileIntegrity
from giamsat_collector.indicators.contact import Indicators
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_cases, load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject
from giamsat_wire.clock import SystemClock
from support.journald import journald
from support.listing import entry, lookup
from support.until import holds

END = "the tools have been used"
TOOLS = f"""
set -e
useradd --create-home an
useradd --non-unique --uid 0 toor
useradd binh
usermod --uid 0 --non-unique binh
usermod --append --groups sudo an
gpasswd --add an adm
echo 'root:Mot mat khau 1' | chpasswd
for each in 1 2 3 4 5 6 7 8 9 10; do useradd tam$each; done
for each in 1 2 3 4 5 6 7 8 9 10; do userdel tam$each; done
for each in 1 2 3; do echo wrong | setpriv --reuid=an --regid=an --init-groups su root -c id 2> /dev/null & done
wait
echo FAIL_DELAY 0 >> /etc/login.defs
cat > /etc/pam.d/su << END
auth required pam_faillock.so preauth silent nodelay deny=3 dir=/run/faillock
auth [success=1 default=ignore] pam_unix.so nodelay
auth [default=die] pam_faillock.so authfail nodelay deny=3 dir=/run/faillock
END
for each in 1 2 3; do useradd kho$each; done
for each in 1 2 3; do
  for who in kho1 kho2 kho3; do echo wrong | setpriv --reuid=an --regid=an --init-groups su $who 2> /dev/null & done
  wait
done
logger -p auth.info -t test '{END}'
"""
OF_TOOLS = {
    "account_created",
    "account_locked_out",
    "account_removed",
    "administrator_group_joined",
    "administrator_password_set",
    "many_accounts_locked",
    "many_accounts_removed",
    "root_account_made",
    "su_refused_repeatedly",
}


@pytest.fixture(scope="module")
def rules():
    return load_rules(shipped().detections)


@pytest.fixture
def judged(rules):
    """A function that gives the rules that events raise at level 5, with what each is about."""

    def judged(events):
        engine = Engine(rules, load_pack(shipped().pack))
        verdicts = [
            verdict
            for event in events
            for verdict in engine.judge(Occurrence(Subject("host", 5), event.wall_ns, event.fields))
        ]
        return {(verdict.rule, *verdict.group.values()) for verdict in verdicts}

    return judged


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("useradd", "journalctl")
def test_what_the_tools_for_accounts_do_is_told_with_whom_it_was_done_to(judged):
    with journald() as log:
        log.with_own_accounts()
        source = Journal(shutil.which("journalctl"), clock=SystemClock(), since_ns=0, options=log.options)
        log.run("sh", "-c", TOOLS).check_returncode()
        entries = []
        holds(lambda: entries.extend(source.read()) or any(one.text == END for one in entries), 20, "all is read")
        source.close()
    interpreter = Interpreter(everything(), provider="journald")

    found = judged(event for entry in entries for event in interpreter.events(entry, mono_ns=0))

    assert {rule for rule, *_ in found} == OF_TOOLS
    assert {
        ("root_account_made", "toor"),
        ("root_account_made", "binh"),
        ("administrator_group_joined", "sudo", "an"),
        ("administrator_group_joined", "adm", "an"),
        ("administrator_password_set", "root"),
    } <= found


def test_every_rule_about_critical_files_fires_from_a_file_that_changed(rules, judged, tmp_path):
    stories = {
        file.rule: file.fires[0].steps[0].fields
        for file in load_cases(shipped().detections)[0]
        if rules.rules[file.rule].header.origin.file.parent.name == "integrity"
    }
    files: dict[Path, str] = {}
    for fields in stories.values():
        file = tmp_path / str(fields["file.path"]).lstrip("/")
        files[file] = max(str(fields.get("file.mode", "0644")), files.get(file, ""))
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    sensor = FileIntegrity(Host(clock=SystemClock(), root=tmp_path))
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
    before = list(sensor.read())
    for file, mode in files.items():
        file.write_text("# changed\n")
        file.chmod(int(mode, 8))

    lists = Indicators()
    lists.lookup = lookup(entry(hashlib.sha256(b"# changed\n").hexdigest(), since=0, until=1 << 40))
    events = [replace(event, fields=lists.told(event.fields, event.wall_ns)) for event in sensor.read()]
    found = judged(events)

    assert "known_bad_file" in {rule for rule, *_ in found}
    assert len(stories) >= 14
    assert before == []
    assert stories.keys() - {rule for rule, *_ in found} == set()
