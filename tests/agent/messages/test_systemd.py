# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.messages.systemd import Systemd
from support.entries import entry, parsed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Started ssh.service - OpenBSD Secure Shell server.", ("service-started", "success")),
        ("Stopped ssh.service - OpenBSD Secure Shell server.", ("service-stopped", "success")),
        ("ssh.service: Failed with result 'exit-code'.", ("service-failed", "failure")),
    ],
)
def test_a_sentence_of_a_text_log_is_understood(text, expected):
    ((kind, fields),) = parsed(Systemd(), "systemd", text, pid=1)

    assert (kind, fields["event.outcome"]) == expected
    assert fields["service.name"] == "ssh.service"


def test_the_journals_own_fields_name_the_unit():
    told = {"UNIT": "ssh.service", "MESSAGE_ID": "d9b373ed55a64feb8242e02dbe79a49c", "UNIT_RESULT": "exit-code"}

    (meaning,) = Systemd().parse(entry("systemd", "Đơn vị hỏng", pid=1, attested=told))

    assert meaning.kind == "service-failed"
    assert meaning.fields == {"service.name": "ssh.service", "event.outcome": "failure", "event.reason": "exit-code"}


def test_a_oneshot_that_finished_did_not_start():
    told = {"UNIT": "apt-daily.service", "MESSAGE_ID": "39f53479d3a045ac8e11786248231fbf"}

    assert list(Systemd().parse(entry("systemd", "Finished apt-daily.service - x.", pid=1, attested=told))) == []


@pytest.mark.parametrize(
    "text",
    [
        "Started session-5.scope - Session 5 of User an.",
        "Started OpenBSD Secure Shell server.",
        "Failed to start ssh.service - OpenBSD Secure Shell server.",
        "ssh.service: Deactivated successfully.",
        "x y.service: Failed with result 'z'.",
        "",
    ],
)
def test_what_is_no_change_of_a_service_says_nothing(text):
    assert parsed(Systemd(), "systemd", text, pid=1) == []


def test_a_users_own_manager_is_not_the_systems():
    assert parsed(Systemd(), "systemd", "Started ssh.service - x.", pid=900) == []
