# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.parsers.sign_in import of_text, of_values, source


@pytest.mark.parametrize(
    "text",
    [
        "Failed login attempt for user admin from ip address 203.0.113.9",
        'Authentication attempt from [203.0.113.9, 172.18.0.2] for user "admin" failed.',
        "Invalid credentials, user=admin ip=203.0.113.9",
        "Incorrect password for 'admin' (203.0.113.9)",
        "login failure: username 'admin', client 203.0.113.9:5000",
        "Unable to log in for admin from 203.0.113.9",
        "Unsuccessful sign-in by account admin, rhost=203.0.113.9",
        "Failed login for admin from 203.0.113.9",
        'failed login of user "admin" [203.0.113.9]',
        "PLAIN login refused: user 'admin' - invalid credentials, peer 203.0.113.9:5000",
    ],
)
def test_a_failed_login_is_one_in_anybodys_words(text):
    meaning = of_text(text)

    assert (meaning.kind, meaning.fields["event.outcome"]) == ("user-login", "failure")
    assert (meaning.fields["source.ip"], meaning.fields["user.name"]) == ("203.0.113.9", "admin")


def test_the_number_of_the_account_that_pam_runs_as_is_no_name():
    desktop = "authentication failure; logname= uid=0 euid=0 tty=/dev/tty1 ruser= rhost=  user=admin"

    assert of_text(desktop).fields["user.name"] == "admin"
    assert of_text("login failed: uid=1024,ou=people").fields["user.name"] == "1024"
    assert of_text(desktop.removesuffix("  user=admin")) is None


@pytest.mark.parametrize(
    "text", ["User admin logged in from 203.0.113.9", "Successful login for admin from 203.0.113.9"]
)
def test_a_login_that_succeeded_says_so(text):
    assert of_text(text).fields["event.outcome"] == "success"


@pytest.mark.parametrize(
    "text",
    [
        "Connection from 203.0.113.9 closed",
        "author of page 203.0.113.9 not known",
        "login page shown to 203.0.113.9",
        "",
    ],
)
def test_what_leaves_open_how_it_ended_is_no_login(text):
    assert of_text(text) is None


def test_how_it_ended_is_no_user_s_name():
    assert of_text("Login succeeded for user 'an'").fields["user.name"] == "an"


def test_what_is_no_name_is_none():
    assert "user.name" not in of_text("530 Login incorrect, 203.0.113.9").fields
    assert "user.name" not in of_text("Authentication failed for Receive connector, client 203.0.113.9").fields


def test_a_program_s_own_words_are_no_login():
    assert of_text('Rejected message; interface="org.example.login1.Manager" (uid=1000 user=an)') is None
    assert of_text("Kubeclient::HttpError: Unauthorized") is None


@pytest.mark.parametrize(
    "text",
    [
        "LDAP connection failed: ldap://192.0.2.10:389 refused",
        "Unable to connect to database server 192.0.2.10: login timeout expired",
        "OAuth token request to https://login.example.org (192.0.2.10) failed: timeout",
        "Password changed successfully for user an from 203.0.113.9",
        "Authentication token refreshed successfully for user an, 203.0.113.9",
    ],
)
def test_what_a_program_could_not_reach_and_what_becomes_of_a_password_are_no_logins(text):
    assert of_text(text) is None


def test_how_long_somebody_is_shut_out_is_no_failure_to_reach_him():
    blocked = of_text("user an blocked after too many failed logins from 203.0.113.9, timeout 300 seconds")

    assert (blocked.fields["source.ip"], blocked.fields["event.outcome"]) == ("203.0.113.9", "failure")


def test_whom_a_program_turned_to_is_no_source():
    assert "source.ip" not in of_text("authentication failed for an against ldap://192.0.2.10:389").fields
    assert of_text("login of an to 192.0.2.10 failed, client 203.0.113.9").fields["source.ip"] == "203.0.113.9"


def test_a_user_that_does_not_exist_is_said():
    assert of_text("Login failed for user x from 203.0.113.9: user not found").fields["event.reason"] == "invalid user"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("from 203.0.113.9 to 10.0.0.1", "203.0.113.9"),
        ("client 2001:db8::1 server 10.0.0.1", "2001:db8::1"),
        ("203.0.113.9", "203.0.113.9"),
        ("from 203.0.113.9 from 198.51.100.1", None),
        ("version 1.2.3", None),
        ("at 16:00:00", None),
    ],
)
def test_the_source_is_the_one_address_or_the_one_announced(text, address):
    assert source(text) == address


def test_named_values_and_words_are_one_reading():
    meaning = of_values("login failed", {"source.ip": "203.0.113.9"})

    assert meaning.fields == {"source.ip": "203.0.113.9", "event.outcome": "failure"}
    assert of_values("login failed", {}) is None


def test_the_name_of_the_next_value_is_no_users_name():
    assert of_text("authentication failure; logname= uid= user=bob from 203.0.113.9").fields["user.name"] == "bob"


@pytest.mark.parametrize(
    "text",
    [
        "Authentication attempt from 203.0.113.9 has been rate-limited.",
        "login refused, too many failed attempts from 203.0.113.9",
        "brute force attempt at login has locked out IP 203.0.113.9",
    ],
)
def test_a_program_that_listens_to_a_guesser_no_more_says_so(text):
    assert of_text(text).fields["event.reason"] == "too many attempts"


@pytest.mark.parametrize(
    "text", ["Mislukte login poging van 203.0.113.9", "Fehlgeschlagener Login Versuch von 203.0.113.9"]
)
def test_the_word_for_an_attempt_is_no_user_s_name(text):
    assert of_text(text).fields == {"source.ip": "203.0.113.9", "event.outcome": "failure"}
