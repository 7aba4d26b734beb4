# SPDX-License-Identifier: Apache-2.0
"""What is done to the files of a host, as its agent tells it, is what the shipped rules speak of."""

import pytest

from giamsat_agent.sensor import Host
from giamsat_agent.sensors.file_integrity import FileIntegrity
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject
from support.clock import ManualClock


@pytest.fixture(scope="module")
def engine():
    return Engine(load_rules(shipped().detections), load_pack(shipped().pack))


@pytest.fixture
def root(tmp_path):
    for folder in ("etc/ssh", "etc/cron.d", "etc/audit/rules.d", "opt/giamsat-agent/bin", "usr/sbin", "home/an/.ssh"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("etc/passwd", "etc/ssh/sshd_config", "etc/audit/rules.d/audit.rules", "usr/sbin/sshd"):
        (tmp_path / file).write_text("as it was\n")
    return tmp_path


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (lambda root: (root / "etc/ld.so.preload").write_text("/tmp/x.so\n"), {"library_preload_file_changed"}),
        (lambda root: (root / "etc/ssh/sshd_config").write_text("PermitRootLogin yes\n"), {"login_settings_changed"}),
        (lambda root: (root / "home/an/.ssh/authorized_keys").write_text("ssh-rsa A\n"), {"login_keys_changed"}),
        (lambda root: (root / "etc/cron.d/x").write_text("* * * * * root x\n"), {"scheduled_jobs_changed"}),
        (lambda root: (root / "etc/audit/rules.d/audit.rules").unlink(), {"audit_settings_changed"}),
        (lambda root: (root / "usr/sbin/sshd").write_text("another\n"), {"login_programs_changed"}),
        (lambda root: (root / "etc/passwd").chmod(0o666), {"critical_file_open_to_all", "account_files_changed"}),
        (lambda root: (root / "etc/passwd").touch(), set()),
    ],
)
def test_a_changed_file_becomes_the_alert_that_names_it(root, engine, done, told):
    sensor = FileIntegrity(Host(clock=ManualClock(), root=root))
    assert list(sensor.read()) == []

    done(root)

    events = [Occurrence(Subject("srv-1", 5), event.wall_ns, event.fields) for event in sensor.read()]
    assert {verdict.rule for event in events for verdict in engine.judge(event)} == told
