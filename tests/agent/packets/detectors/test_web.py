# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.web import FOLDERS, PAIRS, PROBES, WebRequests, attack
from support.capture import ATTACKER, CLIENT, SERVER, classes, connection, pcap, retained


def requests(paths, *, client=ATTACKER, extra=b"", answer=b"HTTP/1.1 200 OK\r\n\r\n"):
    frames = []
    for number, path in enumerate(paths):
        asked = b"GET " + path.encode() + b" HTTP/1.1\r\nHost: x\r\n" + extra + b"\r\n"
        data = ((True, asked), (False, answer))
        frames += connection(client, SERVER, 80, number * 0.2, sport=40_000 + number, data=data)
    return frames


@pytest.mark.parametrize(
    "path",
    [
        "/a?id=1%27%20OR%20%271%27=%271",
        "/a?id=1+UNION/**/SELECT+name",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/?q=%3Cscript%3E",
        "/?x=${jndi:ldap://x}",
        "/?q=%2527%2520or%25201%253D1",
    ],
)
def test_what_only_an_attack_writes_is_found_however_it_is_encoded(tmp_path, path):
    assert classes(pcap(tmp_path / "x", requests([path]))) == {("web_attack", ATTACKER)}


@pytest.mark.parametrize(
    "text", ["/union/select-committee", "/tin-tuc?q=o'reilly", "/a?b=1&c=2", "/alerts(1)", "/script.js"]
)
def test_what_people_write_is_no_attack(text):
    assert attack(text) is None


def test_probes_for_what_should_not_be_there_are_a_sweep(tmp_path):
    paths = ["/.env", "/.git/HEAD", "/wp-login.php", "/phpmyadmin/", "/actuator/env"][:PROBES]

    assert classes(pcap(tmp_path / "x", requests(paths))) == {("web_scan", ATTACKER)}


def test_what_is_kept_of_a_pair_is_bounded_whatever_it_asks_for(tmp_path):
    tail = "x" * 1_000
    paths = [
        path for number in range(500) for path in (f"/{number}{tail}/", f"/.env{number}{tail}", f"/{number}?' or 1=1")
    ]
    frames = requests(paths, answer=b"HTTP/1.1 404 Not Found\r\n\r\n")

    held = retained(
        WebRequests, pcap(tmp_path / "x", [(number / 10_000, raw) for number, (_, raw) in enumerate(frames)])
    )

    assert held * PAIRS <= 24 << 20


def test_one_folder_after_the_other_from_nowhere_is_a_sweep(tmp_path):
    assert classes(pcap(tmp_path / "x", requests([f"/word{number}/" for number in range(FOLDERS)]))) == {
        ("web_scan", ATTACKER)
    }


def test_many_things_that_do_not_exist_are_a_sweep(tmp_path):
    frames = requests([f"/a/{number}" for number in range(20)], answer=b"HTTP/1.1 404 Not Found\r\n\r\n")

    assert classes(pcap(tmp_path / "x", frames)) == {("web_scan", ATTACKER)}


def test_a_page_and_what_belongs_to_it_is_none(tmp_path):
    paths = [f"/{folder}/{number}.png" for number, folder in enumerate("abcdefghijklmnop")]
    frames = requests(paths, client=CLIENT, extra=b"Referer: http://x/\r\n")

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_a_program_that_asks_one_interface_often_is_none(tmp_path):
    assert (
        classes(pcap(tmp_path / "x", requests([f"/api/may/{number}" for number in range(60)], client=CLIENT))) == set()
    )
