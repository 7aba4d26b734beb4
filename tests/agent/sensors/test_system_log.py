# SPDX-License-Identifier: Apache-2.0
import json
import time

import pytest

from giamsat_agent.schedule import read_once
from giamsat_agent.sensor import ITEMS_PER_READING, Host, NothingToRead
from giamsat_agent.sensors.system_log import LINES_PER_READING, NAME, SPEC, SystemLog
from giamsat_wire.record import Position
from support.clock import ManualClock
from support.journald import journald

SECOND_NS = 1_000_000_000
FAILED = "2023-11-14T22:13:{:02}+00:00 web1 sshd[{}]: Failed password for root from 192.0.2.7 port {} ssh2\n"
STARTED = "2023-11-14T22:13:00+00:00 web1 systemd[1]: Started cron.service - Jobs.\n"


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def root(tmp_path):
    (tmp_path / "var/log").mkdir(parents=True)
    (tmp_path / "var/log/auth.log").write_text(FAILED.format(0, 1, 1))
    return tmp_path


@pytest.fixture
def build(root, clock):
    """A function that builds a sensor, which is closed after the test."""
    built = []

    def build(position=None):
        sensor = SystemLog(Host(clock=clock, root=root))
        built.append(sensor)
        if position is not None:
            sensor.resume(position)
        return sensor

    yield build
    for sensor in built:
        sensor.close()


def write(root, text, name="auth.log"):
    with (root / "var/log" / name).open("a") as file:
        file.write(text)


def kinds(sensor):
    return [event.kind for event in sensor.read()]


def ports(sensor):
    return [event.fields["source.port"] for event in sensor.read() if event.kind == "user-login"]


def test_a_source_is_told_before_what_it_says(build, root):
    sensor = build()
    assert kinds(sensor) == []
    write(root, FAILED.format(1, 2, 2))

    first, second = sensor.read()

    assert (first.kind, second.kind) == ("log-source-opened", "user-login")
    assert first.fields["log.file.path"] == second.fields["log.file.path"] == str(root / "var/log/auth.log")
    assert first.fields["event.provider"] == second.fields["event.provider"] == "auth_log"


def test_a_silent_source_is_told_too(build):
    sensor = build()

    assert [kinds(sensor) for _ in range(3)] == [[], ["log-source-opened"], []]


def test_what_the_kernel_says_stands_in_the_general_file(build, root):
    write(root, "", name="syslog")
    sensor = build()
    kinds(sensor)
    crash = "nginx[7]: segfault at 0 ip 01 sp 02 error 4 in nginx[1+1]"
    write(root, f"2023-11-14T22:13:01+00:00 web1 kernel: [ 12.345678] {crash}\n", name="syslog")

    (told,) = [event for event in sensor.read() if event.kind == "process-crashed"]

    assert (told.fields["process.name"], told.fields["message"]) == ("nginx", f"[ 12.345678] {crash}")


def test_a_restart_goes_on_and_repeats_nothing(build, root):
    sensor = build()
    ports(sensor)
    write(root, FAILED.format(1, 2, 2))
    assert ports(sensor) == [2]
    write(root, FAILED.format(2, 3, 3))

    assert ports(build(sensor.position())) == [3]


def test_a_position_is_small_enough_for_a_frame_and_names_its_sensor(build, root):
    write(root, STARTED, "syslog")
    sensor = build()
    kinds(sensor)

    position = sensor.position()

    assert position.source == NAME == SPEC.name
    assert len(position.cursor) < 1_024


def test_what_is_read_twice_has_the_same_identity(build, root):
    first = build()
    list(first.read())
    position = first.position()
    write(root, FAILED.format(1, 2, 2) * 2)

    ids = [
        [event.fields["event.id"] for event in sensor.read() if event.kind == "user-login"]
        for sensor in (first, build(position))
    ]

    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_a_broken_position_means_from_the_start(build):
    assert ports(build(Position(NAME, b"\xff not json"))) == [1]


def test_another_source_than_before_goes_on_after_the_newest_entry_seen(build, root, clock):
    write(root, FAILED.format(30, 2, 2))
    until_ns = clock.wall_ns() // SECOND_NS * SECOND_NS
    position = Position(NAME, json.dumps({"journald": {"cursor": "i=1"}, "until_ns": until_ns}).encode())

    assert ports(build(position)) == [2]


def test_services_are_read_from_the_general_file_and_logins_are_not(build, root):
    write(root, "", "syslog")
    sensor = build()
    kinds(sensor)
    write(root, STARTED + FAILED.format(1, 2, 2), "syslog")
    write(root, STARTED + FAILED.format(1, 3, 3))

    found = [(event.kind, event.fields["event.provider"]) for event in sensor.read()]

    assert ("service-started", "syslog") in found
    assert ("user-login", "auth_log") in found
    assert len(found) == 4


def test_one_lost_source_is_told_once_and_does_not_stop_the_other(build, root, clock):
    write(root, "", "syslog")
    sensor = build()
    for _ in range(2):
        kinds(sensor)
    (root / "var/log/auth.log").unlink()
    clock.advance(10 * SECOND_NS)
    write(root, STARTED, "syslog")

    lost, again = (read_once(SPEC, sensor, clock) for _ in range(2))

    assert [item.kind for item in lost.items] == ["log-source-lost", "service-started"]
    assert "does not exist" in lost.items[0].fields["event.reason"]
    assert "does not exist" in lost.failure
    assert not lost.absent
    assert again.items == ()
    write(root, FAILED.format(1, 2, 2))
    assert kinds(sensor) == ["log-source-opened", "user-login"]


def test_a_reading_is_bounded_in_lines_and_in_events(build, root, clock):
    sensor = build()
    kinds(sensor)
    message = "message repeated 5000 times: [ Failed password for root from 192.0.2.7 port 9 ssh2]"
    write(root, "".join(FAILED.format(1, 2, number) for number in range(LINES_PER_READING + 10)))
    write(root, f"2023-11-14T22:13:00+00:00 web1 sshd[1]: {message}\n" * 20)

    readings = [read_once(SPEC, sensor, clock) for _ in range(10)]

    assert {reading.failure for reading in readings} == {None}
    assert max(len(reading.items) for reading in readings) < ITEMS_PER_READING // 2 + 1
    assert sum(len(reading.items) for reading in readings) == 1 + LINES_PER_READING + 10 + 20_000


def test_a_host_without_a_log_is_told_how_to_grant_one(tmp_path, clock):
    with pytest.raises(NothingToRead, match="systemd-journal and adm"):
        kinds(SystemLog(Host(clock=clock, root=tmp_path)))


def begin(sensor):
    """Read a journal until the place to begin at is known."""
    until = time.monotonic() + 60
    while not sensor._watched or "--follow" not in sensor._watched[0].source._from:
        assert time.monotonic() < until
        list(sensor.read())
        time.sleep(0.05)


@pytest.mark.peer("journalctl")
@pytest.mark.root
@pytest.mark.namespaces
def test_a_journal_that_can_be_read_is_preferred_and_resumed(clock):
    with journald() as host:
        sensor = SystemLog(Host(clock=clock, root=host.root))
        begin(sensor)
        found = []
        for number in range(3):
            host.say("sshd", f"Failed password for root from 192.0.2.7 port {number} ssh2")
            until = time.monotonic() + 60
            while len(found) <= number and time.monotonic() < until:
                found += ports(sensor)
                time.sleep(0.05)
            position = sensor.position()
            sensor.close()
            sensor = SystemLog(Host(clock=clock, root=host.root))
            sensor.resume(position)

    assert found == [0, 1, 2]
    assert json.loads(position.cursor)["journald"]["cursor"].startswith("s=")


ACCOUNTS = """
useradd --create-home an && usermod --append --groups adm an && echo an:Kh0ng-doan-duoc | chpasswd
usermod --lock an && gpasswd --add an users && gpasswd --delete an users && groupadd devs && groupdel devs
userdel --remove an
"""
RIGHTS = """
useradd --create-home an
su an --shell /bin/sh --command 'yes wrong | sudo --stdin id'
su an --shell /bin/sh --command 'echo wrong | su --command id root'
sudo --user an true
"""


@pytest.fixture
def real(clock):
    """A function that runs a script on a real host and returns the events of its journal."""
    with journald() as host:
        host.with_own_accounts()

        def run(script, enough):
            sensor = SystemLog(Host(clock=clock, root=host.root))
            begin(sensor)
            host.run("sh", "-c", script, capture_output=True)
            found, until = [], time.monotonic() + 60
            while len(found) < enough and time.monotonic() < until:
                found += [event for event in sensor.read() if event.kind != "log-source-opened"]
                time.sleep(0.05)
            sensor.close()
            return found

        yield run


@pytest.mark.peer("journalctl", "useradd")
@pytest.mark.root
@pytest.mark.namespaces
def test_every_change_that_the_real_tools_make_to_accounts_is_told_once(real):
    found = real(ACCOUNTS, 12)

    assert sorted(event.kind for event in found) == [
        "group-created",
        "group-created",
        "group-deleted",
        "group-deleted",
        "group-membership-added",
        "group-membership-added",
        "group-membership-removed",
        "group-membership-removed",
        "user-account-changed",
        "user-account-created",
        "user-account-deleted",
        "user-password-changed",
    ]


@pytest.mark.peer("journalctl", "useradd", "sudo")
@pytest.mark.root
@pytest.mark.namespaces
def test_rights_asked_for_at_a_real_sudo_and_a_real_su_are_told_with_their_outcome(real):
    found = real(RIGHTS, 7)

    told = [
        (event.kind, event.fields["event.outcome"], event.fields["user.name"], event.fields["user.effective.name"])
        for event in found
        if event.kind in {"sudo-command", "user-switched"}
    ]
    assert told == [
        ("user-switched", "success", "root", "an"),
        ("sudo-command", "failure", "an", "root"),
        ("user-switched", "success", "root", "an"),
        ("user-switched", "failure", "an", "root"),
        ("sudo-command", "success", "root", "an"),
    ]
