# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.anomaly import Severity
from giamsat_agent.packets.payloads.kerberos import UNKNOWN, WRONG
from giamsat_agent.packets.refused_logins import FAST, SLOW
from giamsat_agent.packets.unknown_users import USERS
from support.capture import ATTACKER, CLIENT, IP, SERVER, UDP, classes, connection, found, frame, pcap
from support.tickets import asks, gives, refuses

NEEDED = 25
"""KDC_ERR_PREAUTH_REQUIRED: what everybody is told first."""


def talk(said, *, over_tcp=False, client=CLIENT, every_s=1.0):
    """Requests and what each is told, on a port of its own each."""
    there, back = IP(src=client, dst=SERVER), IP(src=SERVER, dst=client)
    frames = []
    for number, (asked, answers) in enumerate(said):
        at, port = number * every_s, 30_000 + number
        if over_tcp:
            both = ((True, asked), *((False, one) for one in answers))
            data = [(out, len(raw).to_bytes(4) + raw) for out, raw in both]
            frames += connection(client, SERVER, 88, at, sport=port, data=data)
        else:
            frames.append((at, frame(there, UDP(sport=port, dport=88), asked)))
            frames += [(at + 0.01, frame(back, UDP(sport=88, dport=port), one)) for one in answers]
    return frames


@pytest.mark.parametrize("over_tcp", [False, True], ids=["UDP", "TCP"])
@pytest.mark.parametrize("named", [False, True], ids=["errors without a name", "errors with one"])
def test_who_asks_for_ever_other_users_that_do_not_exist_looks_for_users(tmp_path, over_tcp, named):
    def tried(count):
        users = [f"user{number}" for number in range(count)]
        said = [(asks(user), [refuses(UNKNOWN, user if named else None)]) for user in users]
        return talk(said, over_tcp=over_tcp, client=ATTACKER)

    (told,) = found(pcap(tmp_path / "x", tried(USERS)))

    assert (told.name, told.source_ip, told.targets[0].ip) == ("bruteforce", ATTACKER, SERVER)
    assert told.counts["users"] == USERS
    assert classes(pcap(tmp_path / "y", tried(USERS - 1))) == set()


@pytest.mark.parametrize("user", ["binh", "user{0}"], ids=["one user", "one password for many"])
def test_passwords_that_are_wrong_again_and_again_are_guessing(tmp_path, user):
    def tried(count):
        said = [(asks(user.format(number)), [refuses(WRONG)]) for number in range(count)]
        return talk(said, client=ATTACKER)

    (told,) = found(pcap(tmp_path / "x", tried(FAST)))

    assert (told.name, told.source_ip, told.counts["refusals"]) == ("bruteforce", ATTACKER, FAST)
    assert classes(pcap(tmp_path / "y", tried(FAST - 1))) == set()


def test_a_service_that_keeps_an_old_password_is_told_as_what_it_is(tmp_path):
    said = [(asks("svc"), [refuses(NEEDED)]), (asks("svc"), [refuses(WRONG)])]
    frames = [(30 * n + at, raw) for n in range(SLOW) for at, raw in talk(said, every_s=0.02)]

    (told,) = found(pcap(tmp_path / "x", frames))

    assert (told.name, told.severity, told.source_ip) == ("bruteforce", Severity.MEDIUM, CLIENT)
    assert "each 30 seconds" in told.words[1]
    sprayed = [(30 * n, raw) for n in range(SLOW) for _, raw in talk([(asks(f"user{n}"), [refuses(WRONG)])])]
    assert [one.severity for one in found(pcap(tmp_path / "y", sprayed))] == [Severity.HIGH]


def test_an_account_of_ones_own_excuses_no_guessing(tmp_path):
    said = [each for n in range(FAST) for each in ((asks(f"user{n}"), [refuses(WRONG)]), (asks("own"), [gives()]))]

    assert classes(pcap(tmp_path / "x", talk(said, client=ATTACKER))) == {("bruteforce", ATTACKER)}


@pytest.mark.parametrize(
    "said",
    [
        [(asks(f"user{number}"), [refuses(NEEDED)]) for number in range(40)],
        [(asks(f"user{number}"), [gives()]) for number in range(40)],
        [(asks("host"), [refuses(UNKNOWN)])] * 40,
        [(asks(f"user{number // 2}"), [gives() if number % 2 else refuses(WRONG)]) for number in range(60)],
        [(asks(f"user{n // 4}"), [gives() if n % 4 == 3 else refuses(WRONG)]) for n in range(72)],
        [(asks(f"user{number}"), [refuses(7)]) for number in range(40)],
        [(b"\x6a\x10\x30", [b"\x7e\xff", b"\x7e"])] * 40,
    ],
    ids=[
        "a morning's first messages",
        "a terminal server",
        "a host nobody knows",
        "an office that mistypes",
        "an office after the holidays",
        "a service nobody knows",
        "damaged",
    ],
)
def test_what_is_ordinary_at_a_server_of_tickets_is_none(tmp_path, said):
    assert classes(pcap(tmp_path / "x", talk(said))) == set()


@pytest.mark.parametrize("forged_first", [False, True])
def test_answers_in_the_name_of_the_server_excuse_no_guess(tmp_path, forged_first):
    answers = [gives(), refuses(WRONG)] if forged_first else [refuses(WRONG), gives()]

    assert classes(pcap(tmp_path / "x", talk([(asks("an"), answers)] * FAST, client=ATTACKER))) == {
        ("bruteforce", ATTACKER)
    }


def test_nobody_outside_can_have_a_host_told_of_for_what_it_did_not_ask(tmp_path):
    def refusals(server):
        back = IP(src=server, dst=CLIENT)
        said = [*(refuses(WRONG) for _ in range(FAST)), *(refuses(UNKNOWN, f"user{number}") for number in range(USERS))]
        return [(at, frame(back, UDP(sport=88, dport=50_000), one)) for at, one in enumerate(said)]

    assert classes(pcap(tmp_path / "x", refusals(SERVER))) == set()
    assert classes(pcap(tmp_path / "y", refusals("10.0.0.88"))) == {("bruteforce", CLIENT)}
