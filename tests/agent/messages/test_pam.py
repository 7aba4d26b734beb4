# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.messages.pam import Pam
from support.entries import parsed

FAILURE = "pam_unix({}:auth): authentication failure; logname= uid=0 euid=0 tty=/dev/tty1 ruser={} rhost={}  user={}"


def of(*texts, program="login"):
    return parsed(Pam(), program, *texts)


def test_a_failed_login_at_a_screen_names_the_user():
    assert of(FAILURE.format("gdm-password", "", "", "an")) == [
        ("user-login", {"event.outcome": "failure", "user.name": "an"})
    ]


def test_a_failed_login_over_the_network_names_the_source():
    ((_, fields),) = of(FAILURE.format("vsftpd", "an", "::ffff:192.0.2.7", "an"), program="vsftpd")

    assert fields == {"event.outcome": "failure", "user.name": "an", "source.ip": "192.0.2.7"}


def test_a_name_that_forges_a_source_gives_none():
    ((_, fields),) = of(FAILURE.format("vsftpd", "x rhost=192.0.2.99", "192.0.2.7", "x rhost=192.0.2.99"))

    assert fields == {"event.outcome": "failure"}


@pytest.mark.parametrize("service", ["sshd", "sudo", "su", "su-l", "cron", "polkit-1"])
def test_services_that_tell_themselves_or_are_no_login_say_nothing(service):
    assert of(FAILURE.format(service, "", "192.0.2.7", "an")) == []


def test_an_attempt_that_failed_at_the_accounts_and_at_the_directory_is_one():
    text = FAILURE.format("login", "", "", "an")

    assert len(of(text, text.replace("pam_unix", "pam_sss"))) == 1


def test_an_attempt_that_failed_at_the_directory_alone_is_one():
    assert len(of(FAILURE.format("login", "", "", "an").replace("pam_unix", "pam_sss"))) == 1


def test_a_session_at_the_console_is_a_login():
    assert of("pam_unix(login:session): session opened for user an(uid=1000) by LOGIN(uid=0)") == [
        ("user-login", {"event.outcome": "success", "user.name": "an"})
    ]


@pytest.mark.parametrize("service", ["cron", "systemd-user", "sshd", "su", "sudo", "gdm-launch-environment"])
def test_a_session_nobody_logged_in_for_is_no_login(service):
    assert of(f"pam_unix({service}:session): session opened for user an(uid=1000) by (uid=0)") == []


@pytest.mark.parametrize("service", ["passwd", "chpasswd", "sshd"])
def test_a_password_changed_through_any_service_is_told(service):
    assert of(f"pam_unix({service}:chauthtok): password changed for an") == [
        ("user-password-changed", {"event.outcome": "success", "user.target.name": "an"})
    ]


@pytest.mark.parametrize("service", ["sshd", "su", "login"])
def test_an_account_that_is_locked_after_failures_is_told_of_any_service(service):
    said = "Consecutive login failures for user an account temporarily locked"

    assert of(f"pam_faillock({service}:auth): {said}") == [("user-account-locked", {"user.name": "an"})]


@given(st.text(), st.text())
def test_whatever_is_said_gives_at_most_one_event(service, rest):
    assert len(of(f"pam_unix({service}:auth): authentication failure; {rest}")) <= 1
    assert len(of(f"pam_{service}{rest}")) <= 1
