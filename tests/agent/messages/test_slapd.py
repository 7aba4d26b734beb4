# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.messages.slapd import CONNECTIONS_MOST, Slapd
from support.entries import parsed

ACCEPT = "conn={} fd=12 ACCEPT from IP=203.0.113.9:5000 (IP=0.0.0.0:389)"
BIND = 'conn={} op=0 BIND dn="uid=admin,dc=x" method=128'
RESULT = "conn={} op=0 RESULT tag=97 err={} qtime=0.00 etime=0.00 text="


def of(*texts, parser=None):
    return parsed(parser or Slapd(), "slapd", *texts)


def test_three_lines_of_a_connection_are_one_login():
    found = of(ACCEPT.format(7), BIND.format(7), RESULT.format(7, 49))

    assert found == [
        (
            "user-login",
            {
                "event.outcome": "failure",
                "service.name": "ldap",
                "user.name": "uid=admin,dc=x",
                "source.ip": "203.0.113.9",
                "source.port": 5000,
            },
        )
    ]


def test_a_bind_that_is_right_succeeds():
    found = of(ACCEPT.format(7), BIND.format(7), RESULT.format(7, 0))

    assert [fields["event.outcome"] for _, fields in found] == ["success"]


def test_connections_are_kept_apart():
    found = of(ACCEPT.format(1), BIND.format(1), BIND.format(2), RESULT.format(2, 49))

    assert "source.ip" not in found[0][1]


def test_an_anonymous_bind_and_other_errors_are_no_logins():
    assert of(ACCEPT.format(1), 'conn=1 op=0 BIND dn="" method=128', RESULT.format(1, 0)) == []
    assert of(ACCEPT.format(1), BIND.format(1), RESULT.format(1, 53)) == []


def test_a_closed_connection_is_forgotten_and_the_remembered_are_bounded():
    parser = Slapd()
    of(*(ACCEPT.format(number) for number in range(CONNECTIONS_MOST + 9)), parser=parser)
    held = len(parser._connections)
    of(f"conn={CONNECTIONS_MOST} fd=12 closed", parser=parser)

    assert (held, len(parser._connections)) == (CONNECTIONS_MOST, CONNECTIONS_MOST - 1)


def test_odd_lines_say_nothing():
    assert (
        of("", "conn=", "conn=1", "conn=1 op=0 RESULT tag=97 err=49", "daemon: shutdown", 'conn=1 op=0 BIND dn="') == []
    )
