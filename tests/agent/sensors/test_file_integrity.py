# SPDX-License-Identifier: Apache-2.0
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from giamsat_agent.sensor import Host, NothingToRead
from giamsat_agent.sensors.file_integrity import EVENTS_PER_READING, HASHED_BYTES, WATCHED_MOST, FileIntegrity
from giamsat_wire.clock import SystemClock
from support.clock import ManualClock


@pytest.fixture
def root(tmp_path):
    for folder in ("etc/ssh", "etc/cron.d", "etc/sudoers.d", "home/an/.ssh", "srv"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    (tmp_path / "etc/ssh/sshd_config").write_text("PermitRootLogin no\n")
    (tmp_path / "etc/cron.d/backup").write_text("0 2 * * * root /usr/local/bin/backup\n")
    return tmp_path


@pytest.fixture
def sensor(root):
    sensor = FileIntegrity(Host(clock=ManualClock(), root=root, files=("/srv/app.conf",)))
    assert list(sensor.read()) == []
    return sensor


def told(sensor):
    """What is told of files; folders change with them."""
    events = [event for event in sensor.read() if event.fields.get("file.type") != "dir"]
    return [(event.kind, event.fields["file.path"], event.fields.get("event.reason")) for event in events]


def test_changed_content_is_told_once_with_its_hash(sensor, root):
    (root / "etc/ssh/sshd_config").write_text("PermitRootLogin yes\n")

    (event,) = sensor.read()

    assert (event.kind, event.fields["file.path"]) == ("file-changed", "/etc/ssh/sshd_config")
    assert event.fields["event.reason"] == "content"
    assert event.fields["file.hash.sha256"] == hashlib.sha256(b"PermitRootLogin yes\n").hexdigest()
    assert event.fields["event.category"] == ("file",)
    assert list(sensor.read()) == []


def test_a_time_that_is_set_back_hides_nothing(sensor, root):
    file = root / "etc/passwd"
    before = file.stat()
    file.write_text("toor:x:0:0::/root:/bin/sh\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert before.st_size == file.stat().st_size
    assert told(sensor) == [("file-changed", "/etc/passwd", "content")]


def test_files_that_come_and_go_are_told(sensor, root):
    (root / "etc/cron.d/miner").write_text("* * * * * root /tmp/x\n")
    (root / "home/an/.ssh/authorized_keys").write_text("ssh-ed25519 AAAA\n")
    (root / "srv/app.conf").write_text("debug = true\n")
    (root / "etc/ld.so.preload").symlink_to("/tmp/x.so")
    assert told(sensor) == [
        ("file-created", "/etc/cron.d/miner", None),
        ("file-created", "/etc/ld.so.preload", None),
        ("file-created", "/home/an/.ssh/authorized_keys", None),
        ("file-created", "/srv/app.conf", None),
    ]

    (root / "etc/cron.d/miner").unlink()
    (root / "home/an/.ssh/authorized_keys").unlink()
    assert told(sensor) == [
        ("file-deleted", "/etc/cron.d/miner", None),
        ("file-deleted", "/home/an/.ssh/authorized_keys", None),
    ]


def test_mode_and_kind_are_told_and_a_touch_is_not(sensor, root):
    (root / "etc/passwd").touch()
    (root / "etc/cron.d/backup").chmod(0o777)
    (root / "etc/ssh/sshd_config").unlink()
    (root / "etc/ssh/sshd_config").symlink_to("/tmp/sshd_config")

    assert told(sensor) == [
        ("file-changed", "/etc/cron.d/backup", "mode"),
        ("file-changed", "/etc/ssh/sshd_config", "type, content, mode"),
    ]


def test_the_same_content_written_anew_is_no_change(sensor, root):
    new = root / "etc/passwd.new"
    new.write_bytes((root / "etc/passwd").read_bytes())
    new.rename(root / "etc/passwd")

    assert told(sensor) == []


def test_a_file_too_large_to_hash_is_compared_by_its_state(sensor, root):
    with (root / "etc/passwd").open("r+b") as file:
        file.truncate(HASHED_BYTES + 1)
    assert told(sensor) == [("file-changed", "/etc/passwd", "content")]

    with (root / "etc/passwd").open("r+b") as file:
        file.write(b"x")
    (event,) = sensor.read()
    assert "file.hash.sha256" not in event.fields


def test_a_pipe_in_the_place_of_a_file_holds_nobody_up(sensor, root):
    (root / "etc/passwd").unlink()
    os.mkfifo(root / "etc/passwd", 0o600)
    (root / "etc/passwd").chmod(0o600)

    assert told(sensor) == [("file-changed", "/etc/passwd", "type, content, mode")]


def test_a_flood_of_files_is_bounded_and_what_is_left_over_comes_next(sensor, root):
    for number in range(WATCHED_MOST + 10):
        (root / "etc/cron.d" / f"job{number:05}").touch()

    counts = [len(list(sensor.read())) for _ in range(6)]

    assert counts[0] == EVENTS_PER_READING
    assert counts[-1] == 0
    assert WATCHED_MOST - 100 < sum(counts) <= WATCHED_MOST


def test_what_is_not_looked_at_for_want_of_room_is_not_gone(tmp_path):
    kept = tmp_path / "etc/cron.d"
    kept.mkdir(parents=True)
    for number in range(WATCHED_MOST):
        (kept / f"job{number:05}").touch()
    sensor = FileIntegrity(Host(clock=ManualClock(), root=tmp_path))
    assert list(sensor.read()) == []
    (tmp_path / "etc/sudoers.d").mkdir()
    (tmp_path / "etc/sudoers.d/an").touch()
    (tmp_path / "etc/passwd").touch()

    assert ("file-created", "/etc/passwd", None) in (news := told(sensor))
    assert {kind for kind, *_ in news} == {"file-created"}


def test_a_host_without_these_files_has_nothing_to_read(tmp_path):
    with pytest.raises(NothingToRead):
        list(FileIntegrity(Host(clock=ManualClock(), root=tmp_path)).read())


AS_NOBODY = """
import json, os, sys
from pathlib import Path
from giamsat_agent.sensor import Host
from giamsat_agent.sensors.file_integrity import FileIntegrity
from giamsat_wire import catalogue
from support.clock import ManualClock

def told(sensor):
    return [(e.kind, e.fields["file.path"], e.fields.get("event.reason")) for e in sensor.read()]

catalogue.events()  # its file is out of reach below
os.chroot(sys.argv[1])
host = Host(clock=ManualClock(), root=Path("/"))
sensor, unlisted = FileIntegrity(host), FileIntegrity(host)
told(sensor)
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
hidden = told(sensor)
told(unlisted)
print(json.dumps(hidden), flush=True)
sys.stdin.readline()
print(json.dumps(told(unlisted)))
"""
WITH_SUPPORT = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}


@pytest.mark.root
def test_what_may_not_be_seen_is_neither_gone_nor_changed(sensor, root):
    (root / "home/an/.ssh/authorized_keys").write_text("ssh-ed25519 AAAA\n")
    (root / "etc/shadow").write_text("root:!:1::::::\n")
    (root / "etc/shadow").chmod(0o600)
    (root / "etc/sudoers.d").chmod(0o750)
    told(sensor)
    (root / "home/an/.ssh").chmod(0o700)
    root.chmod(0o755)
    words = [sys.executable, "-c", AS_NOBODY, str(root)]
    with subprocess.Popen(words, env=WITH_SUPPORT, stdin=PIPE, stdout=PIPE, text=True) as child:
        hidden = json.loads(child.stdout.readline())
        (root / "etc/sudoers.d/x").touch()
        seen, _ = child.communicate("go on\n")

    assert (hidden, json.loads(seen)) == ([], [["file-changed", "/etc/sudoers.d", "content"]])
    (root / "etc/shadow").write_text("root::1::::::\n")
    assert told(sensor) == [("file-changed", "/etc/shadow", "content"), ("file-created", "/etc/sudoers.d/x", None)]


def test_this_hosts_own_files_can_be_read():
    sensor = FileIntegrity(Host(clock=SystemClock()))

    assert list(sensor.read()) == []
    assert list(sensor.read()) == []
