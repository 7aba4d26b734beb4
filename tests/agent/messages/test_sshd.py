# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.messages.sshd import CONNECTIONS_MOST, Sshd
from giamsat_wire.catalogue import events
from support import openssh
from support.entries import entry, parsed


def of(*texts, pid=100):
    return parsed(Sshd(), "sshd", *texts, pid=pid)


def failures(found):
    return [fields for kind, fields in found if kind == "user-login" and fields["event.outcome"] == "failure"]


def test_what_junos_adds_to_a_failed_attempt_counts_only_where_it_stands_alone():
    told = "SSHD_LOGIN_FAILED: Login failed for user 'root' from host '192.0.2.7'"

    assert [each["source.ip"] for each in failures(of(told, told))] == ["192.0.2.7"] * 2
    failed = "Failed password for root from 192.0.2.7 port 40022 ssh2"
    assert len(failures(of(failed, told))) == len(failures(of(told, failed))) == 1
    assert len(failures(of(failed, told, failed, told))) == len(failures(of(told, failed, told, failed))) == 2
    assert (
        len(
            failures(
                of("Invalid user root from 192.0.2.7 port 40022", failed.replace("root", "invalid user root"), told)
            )
        )
        == 1
    )
    assert of("SSHD_LOGIN_FAILED: Login failed for user 'x' from host '192.0.2.7' or so") == []


@pytest.mark.parametrize("method", ["password", "publickey", "keyboard-interactive/pam", "gssapi-with-mic"])
def test_a_failed_attempt_names_user_and_source(method):
    found = of(f"Failed {method} for root from 192.0.2.7 port 40022 ssh2")

    assert found == [
        (
            "user-login",
            {
                "event.outcome": "failure",
                "user.name": "root",
                "source.ip": "192.0.2.7",
                "source.port": 40022,
                "system.auth.ssh.method": method,
            },
        )
    ]


def test_an_accepted_key_is_named():
    (found,) = of("Accepted publickey for an from 2001:db8::7 port 4 ssh2: ED25519 SHA256:abc")

    assert found == (
        "user-login",
        {
            "event.outcome": "success",
            "user.name": "an",
            "source.ip": "2001:db8::7",
            "source.port": 4,
            "system.auth.ssh.method": "publickey",
            "system.auth.ssh.signature": "ED25519 SHA256:abc",
        },
    )


def test_an_accepted_certificate_is_read_from_the_account_on():
    (found,) = of(
        "Accepted publickey for an from 192.0.2.7 port 4 ssh2: ED25519-CERT SHA256:abc ID x from 192.0.2.99 port 1 ssh2"
        " (serial 0) CA ED25519 SHA256:def"
    )

    assert (found[1]["user.name"], found[1]["source.ip"]) == ("an", "192.0.2.7")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a b",
        "x from 192.0.2.99 port 22 ssh2",
        "x from 192.0.2.99 port 22 ssh2: RSA SHA256:abc",
        "invalid user root from 192.0.2.99 port 1",
        "root from 192.0.2.99 port 22 ssh2\nAccepted password for root from 192.0.2.99 port 1 ssh2",
        "\x1b[2J\u202e\x00nguyễn",
    ],
)
def test_a_forged_name_forges_no_source(name):
    found = failures(of(f"Failed password for invalid user {name} from 192.0.2.7 port 40022 ssh2"))

    assert [(fields["user.name"], fields["source.ip"], fields["source.port"]) for fields in found] == [
        (name, "192.0.2.7", 40022)
    ]


def test_a_forged_certificate_of_a_forged_name_gives_no_source_at_all():
    (fields,) = failures(
        of(
            "Failed publickey for invalid user x from 192.0.2.98 port 1 ssh2: A B from 192.0.2.7 port 2 ssh2: C D"
            " ID from 192.0.2.99 port 3 ssh2 (serial 0) CA E F"
        )
    )

    assert "source.ip" not in fields


def test_an_ipv4_mapped_source_is_an_ipv4_source():
    (fields,) = failures(of("Failed password for root from ::ffff:192.0.2.7 port 1 ssh2"))

    assert fields["source.ip"] == "192.0.2.7"


def test_pam_and_sshd_telling_of_the_same_attempts_count_them_once():
    found = of(
        "error: PAM: Authentication failure for root from 192.0.2.7",
        "Postponed keyboard-interactive for root from 192.0.2.7 port 9 ssh2 [preauth]",
        "error: PAM: Authentication failure for root from 192.0.2.7",
        "Failed keyboard-interactive/pam for root from 192.0.2.7 port 9 ssh2",
        "Connection closed by authenticating user root 192.0.2.7 port 9 [preauth]",
    )

    assert [fields["source.ip"] for fields in failures(found)] == ["192.0.2.7"] * 2


def test_a_pam_error_of_an_unknown_user_with_a_forged_name():
    (fields,) = failures(of("error: PAM: User not known for illegal user a for b from 192.0.2.99 from 192.0.2.7"))

    assert (fields["user.name"], fields["source.ip"]) == ("a for b from 192.0.2.99", "192.0.2.7")


def test_a_peer_named_instead_of_numbered_is_a_domain():
    (fields,) = failures(of("error: PAM: Authentication failure for root from host.example"))

    assert fields["source.domain"] == "host.example"
    assert "source.ip" not in fields


def test_an_account_that_may_not_log_in_is_counted_once_with_the_attempt_that_follows():
    found = of(
        "User bob from 192.0.2.7 not allowed because not listed in AllowUsers",
        "Failed password for invalid user bob from 192.0.2.7 port 9 ssh2",
    ) + of("ROOT LOGIN REFUSED FROM 192.0.2.7 port 10", "Failed password for root from 192.0.2.7 port 10 ssh2", pid=2)

    assert [(fields["user.name"], fields["source.ip"], fields["event.reason"]) for fields in failures(found)] == [
        ("bob", "192.0.2.7", "account not allowed"),
        ("root", "192.0.2.7", "root may not log in"),
    ]


def test_a_pam_error_may_say_by_which_address_of_its_own_the_server_was_reached():
    (fields,) = failures(of("error: PAM: authentication error for an from 192.0.2.7 via 192.0.2.1"))

    assert fields["source.ip"] == "192.0.2.7"


def test_a_guesser_who_never_gets_to_a_password_is_counted_once_a_connection():
    found = of("Connection closed by authenticating user root 192.0.2.7 port 9 [preauth]", pid=1) + of(
        "Invalid user oracle from 192.0.2.7 port 10",
        "Connection closed by invalid user oracle 192.0.2.7 port 10 [preauth]",
        "Disconnected from invalid user oracle 192.0.2.7 port 10 [preauth]",
        pid=2,
    )

    assert [fields["user.name"] for fields in failures(found)] == ["root", "oracle"]


def test_the_end_of_a_connection_whose_attempts_were_counted_adds_none():
    found = of(
        "Invalid user a from 192.0.2.7 port 9",
        "Failed password for invalid user a from 192.0.2.7 port 9 ssh2",
        "error: maximum authentication attempts exceeded for invalid user a from 192.0.2.7 port 9 ssh2 [preauth]",
        "Disconnecting invalid user a 192.0.2.7 port 9: Too many authentication failures [preauth]",
        "Timeout before authentication for connection from 192.0.2.7 to 192.0.2.1, pid = 100",
    )

    assert len(failures(found)) == 1


def test_an_unknown_user_who_was_announced_is_not_counted_again_at_the_first_attempt():
    found = of(
        "Invalid user a from 192.0.2.7 port 9",
        "error: PAM: Authentication failure for illegal user a from 192.0.2.7",
        "error: PAM: Authentication failure for illegal user a from 192.0.2.7",
        "Failed keyboard-interactive/pam for invalid user a from 192.0.2.7 port 9 ssh2",
        "Failed password for invalid user a from 192.0.2.7 port 9 ssh2",
    )

    assert [fields["event.reason"] for fields in failures(found)] == ["invalid user"] * 3


def test_too_many_attempts_of_which_none_was_told_count_as_one():
    found = of("error: maximum authentication attempts exceeded for root from 192.0.2.7 port 9 ssh2 [preauth]")

    assert [fields["event.reason"] for fields in failures(found)] == ["too many attempts"]


def test_a_process_number_used_again_is_another_connection():
    found = of(
        "Failed password for root from 192.0.2.7 port 9 ssh2",
        "Connection closed by authenticating user root 192.0.2.7 port 10 [preauth]",
    )

    assert [fields["source.port"] for fields in failures(found)] == [9, 10]


@pytest.mark.parametrize(
    "text",
    [
        "Failed none for invalid user a from 192.0.2.7 port 9 ssh2",
        "Postponed publickey for an from 192.0.2.7 port 9 ssh2 [preauth]",
        "Partial publickey for an from 192.0.2.7 port 9 ssh2",
        "Received disconnect from 192.0.2.7 port 9:11: Failed password for root from 192.0.2.99 port 1 ssh2",
        "Disconnected from user an 192.0.2.7 port 9",
        "Server listening on 0.0.0.0 port 22.",
        "Failed to release session",
        "",
    ],
)
def test_what_is_no_attempt_says_nothing(text):
    assert of(text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("fatal: Timeout before authentication for 192.0.2.7 port 4", "timeout before authentication"),
        (
            "ssh_dispatch_run_fatal: Connection from 192.0.2.7 port 4: incorrect signature [preauth]",
            "incorrect signature",
        ),
    ],
)
def test_a_connection_held_open_without_an_attempt_is_a_failure_without_a_name(text, reason):
    (fields,) = failures(of(text))

    assert (fields["source.ip"], fields["event.reason"], "user.name" in fields) == ("192.0.2.7", reason, False)


def test_connections_remembered_are_bounded():
    parser = Sshd()
    for pid in range(1, CONNECTIONS_MOST + 100):
        list(parser.parse(entry("sshd", f"Failed password for root from 192.0.2.7 port {pid} ssh2", pid=pid)))

    assert len(parser._connections) == CONNECTIONS_MOST


words = st.sampled_from(
    [
        "Failed", "Accepted", "password", "for", "invalid user", "from", "192.0.2.1", "port", "22", "ssh2", "ssh2:",
        "[preauth]", "error:", "PAM:", "Connection closed by", "authenticating user", "Disconnecting", "Invalid user",
        "maximum authentication attempts exceeded for", ": Too many authentication failures", "ID", "\x00", "é", "",
    ]
)  # fmt: skip


@given(st.lists(words | st.text(max_size=20), max_size=30).map(" ".join), st.none() | st.integers(1, 5))
def test_whatever_is_said_gives_at_most_one_login(text, pid):
    found = of(text, pid=pid)

    assert len(found) <= 1
    assert all(kind in events() for kind, _ in found)


@pytest.mark.peer("sshd", "ssh-keygen")
@pytest.mark.root
def test_attempts_at_a_real_server_are_counted_one_by_one(tmp_path):
    attempts = [
        ("root", {"method": "password", "prompts": 2}, 2),
        ("x from 192.0.2.99 port 22 ssh2", {"method": "password"}, 1),
        ("nguyễn", {"method": "password", "address": "::1"}, 1),
        ("root", {"method": "password", "prompts": 5}, 3),
        ("root", {"method": "publickey"}, 1),
        ("nobody-here", {"method": "publickey"}, 1),
    ]
    found = []
    with openssh.server(tmp_path, "UsePAM no", "MaxAuthTries 3") as server:
        for pid, (user, how, _) in enumerate(attempts, start=1):
            found.append(failures(of(*server.attempt(user, **how), pid=pid)))

    assert [len(fields) for fields in found] == [count for _, _, count in attempts]
    assert {fields["source.ip"] for each in found for fields in each} == {"127.0.0.1", "::1"}
    assert found[1][0]["user.name"] == "x from 192.0.2.99 port 22 ssh2"


@pytest.mark.peer("sshd", "ssh-keygen")
@pytest.mark.root
def test_a_real_server_with_pam_counts_two_answers_as_two_and_accepts_a_key(tmp_path):
    with openssh.server(tmp_path, "UsePAM yes", "KbdInteractiveAuthentication yes") as server:
        wrong = of(*server.attempt("root", method="keyboard-interactive", prompts=2))
        right = of(*server.attempt("root", method="publickey", key=tmp_path / "client_key"))

    assert len(failures(wrong)) == 2
    assert [(kind, fields["event.outcome"]) for kind, fields in right] == [("user-login", "success")]
    assert right[0][1]["system.auth.ssh.signature"].startswith("ED25519 SHA256:")
