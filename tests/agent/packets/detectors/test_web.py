# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.packets.detectors.web import FOLDERS, PAIRS, PROBES, WebRequests
from support.capture import ATTACKER, CLIENT, SERVER, classes, connection, pcap, retained


def requests(paths, *, client=ATTACKER, extra=b"", answer=b"HTTP/1.1 200 OK\r\n\r\n"):
    frames = []
    for number, path in enumerate(paths):
        asked = b"GET " + path.encode() + b" HTTP/1.1\r\nHost: x\r\n" + extra + b"\r\n"
        data = ((True, asked), (False, answer))
        frames += connection(client, SERVER, 80, number * 0.2, sport=40_000 + number, data=data)
    return frames


POST = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
EVIL = b"user=admin' OR '1'='1"


def said(*segments):
    """A connection in which the client says this, segment by segment."""
    return connection(ATTACKER, SERVER, 80, 0, data=[(True, one) for one in segments])


@pytest.mark.parametrize(
    "segments",
    [
        (b"GET /a?id=1%27%20OR%20%271%27=%271 HTTP/1.1\r\nHost: x\r\n\r\n",),
        (b"GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: ${jndi:ldap://x}\r\n\r\n",),
        (b"GET / HTTP/1.1\r\nHost: x\r\nCookie: a=" + b"b" * 1_400, b"; c=1' OR '1'='1\r\n\r\n"),
        (POST + b"Content-Length: 21\r\n\r\n" + EVIL,),
        (POST + b"Content-Length: 21\r\nExpect: 100-continue\r\n\r\n", EVIL),
        (POST + b"Content-Length: 3000\r\n\r\n" + b"a" * 1_000, b"a" * 1_400, b"a" * 400 + b"&" + EVIL),
        (POST + b"Content-Length: 3000\r\n\r\n", b"a" * 1_000 + EVIL[:12], EVIL[12:]),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"15\r\n" + EVIL),
    ],
    ids=["line", "header", "head in two", "body", "body after consent", "late body", "cut in the sign", "chunks"],
)
def test_what_only_an_attack_writes_is_found_wherever_it_stands(tmp_path, segments):
    assert classes(pcap(tmp_path / "x", said(*segments))) == {("web_attack", ATTACKER)}


def test_what_is_uploaded_is_no_attack_whatever_it_holds(tmp_path):
    pack = b"POST /git-receive-pack HTTP/1.1\r\nContent-Type: application/x-git-receive-pack-request\r\n"

    assert classes(pcap(tmp_path / "x", said(pack + b"Content-Length: 90\r\n\r\n", EVIL * 3))) == set()


def test_probes_for_what_should_not_be_there_are_a_sweep(tmp_path):
    paths = ["/.env", "/.git/HEAD", "/wp-login.php", "/phpmyadmin/", "/actuator/env"][:PROBES]

    assert classes(pcap(tmp_path / "x", requests(paths))) == {("web_scan", ATTACKER)}


def test_what_is_kept_of_a_pair_is_bounded_whatever_it_asks_for(tmp_path):
    tail = "x" * 1_000
    paths = [
        path for number in range(500) for path in (f"/{number}{tail}/", f"/.env{number}{tail}", f"/{number}?' or 1=1")
    ]
    frames = requests(paths, answer=b"HTTP/1.1 404 Not Found\r\n\r\n")

    empty = retained(WebRequests, pcap(tmp_path / "x", frames[:1]))
    held = retained(
        WebRequests, pcap(tmp_path / "y", [(number / 10_000, raw) for number, (_, raw) in enumerate(frames)])
    )

    assert (held - empty) * PAIRS <= 24 << 20


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


NONE = b"HTTP/1.1 404 Not Found\r\n\r\n"


@pytest.mark.parametrize(
    "paths",
    [
        [f"/wp-admin/{name}.php" for name in ("index", "edit", "post", "upload", "plugins", "options", "users")],
        [f"/admin/auth/{number}/change/" for number in range(20)],
    ],
    ids=["WordPress", "Django"],
)
def test_working_in_one_administration_page_is_no_sweep_of_many(tmp_path, paths):
    assert classes(pcap(tmp_path / "x", requests(paths, client=CLIENT))) == set()


@pytest.mark.parametrize(
    ("paths", "extra"),
    [
        ([f"/thumbs/{number}.jpg" for number in range(40)], b"Referer: http://x/gallery\r\n"),
        ([f"/repository/{number}/1.0/{number}.jar" for number in range(60)], b""),
        (["/favicon.ico"] * 60, b""),
    ],
    ids=["pictures of a page", "packages", "one thing again and again"],
)
def test_what_is_missing_where_a_page_or_a_program_looks_for_it_is_none(tmp_path, paths, extra):
    assert classes(pcap(tmp_path / "x", requests(paths, client=CLIENT, extra=extra, answer=NONE))) == set()


def test_a_sweep_is_found_whatever_page_it_claims_to_come_from(tmp_path):
    frames = requests([f"/a/{number}" for number in range(80)], extra=b"Referer: http://x/\r\n", answer=NONE)

    assert classes(pcap(tmp_path / "x", frames)) == {("web_scan", ATTACKER)}


@pytest.mark.parametrize(("every_s", "extra"), [(1, b""), (0.2, b"Referer: http://x/\r\n")], ids=["slowly", "referred"])
@pytest.mark.parametrize("path", ["/word{0}/", "/word{0}/index.php"])
def test_a_sweep_of_folders_that_are_not_there_is_found_be_it_slow_or_referred(tmp_path, path, every_s, extra):
    frames = requests([path.format(number) for number in range(60)], extra=extra, answer=NONE)
    frames = [(at * every_s / 0.2, raw) for at, raw in frames]

    assert classes(pcap(tmp_path / "x", frames)) == {("web_scan", ATTACKER)}


def test_pictures_at_the_top_that_a_page_misses_are_none(tmp_path):
    frames = requests([f"/{number}.jpg" for number in range(40)], extra=b"Referer: http://x/a\r\n", answer=NONE)

    assert classes(pcap(tmp_path / "x", frames)) == set()


def test_one_folder_after_the_other_that_are_all_there_and_differ_is_none(tmp_path):
    frames = [
        one
        for number in range(3 * FOLDERS)
        for one in connection(CLIENT, SERVER, 80, number * 0.2, sport=40_000 + number, data=(
            (True, f"GET /part{number}/1 HTTP/1.1\r\nHost: x\r\n\r\n".encode()),
            (False, f"HTTP/1.1 200 OK\r\nContent-Length: {900 + number}\r\n\r\n".encode() + bytes(900 + number)),
        ))
    ]  # fmt: skip

    assert classes(pcap(tmp_path / "x", frames)) == set()


@pytest.mark.parametrize("leaf", ["health", "actuator/health", "api/v1/ping"])
def test_many_services_behind_one_name_that_are_asked_whether_they_are_well_are_none(tmp_path, leaf):
    paths = [f"/service{number}/{leaf}" for number in range(40)]
    well = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status":"UP"}'

    assert classes(pcap(tmp_path / "x", requests(paths, client=CLIENT, answer=well))) == set()
    # Who asks for what no folder has is told so each time.
    assert classes(pcap(tmp_path / "y", requests(paths, answer=NONE))) == {("web_scan", ATTACKER)}


def test_a_server_that_has_a_page_for_whatever_is_asked_hides_no_sweep(tmp_path):
    for leaf, size in (("{0}.php", 5), ("index.php", 5_000)):
        page = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\nhello".encode()
        paths = [f"/word{number}/{leaf.format(number)}" for number in range(2 * FOLDERS)]
        assert classes(pcap(tmp_path / leaf, requests(paths, answer=page))) == {("web_scan", ATTACKER)}


def test_a_crawler_that_knows_pages_of_which_half_are_gone_is_none_and_the_same_page_in_between_hides_no_sweep(
    tmp_path,
):
    def asked(between):
        return [
            one
            for number in range(40)
            for step, (path, answer) in enumerate(
                ((f"/a/{number}", NONE), (between.format(number), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
            )
            for one in connection(
                CLIENT, SERVER, 80, number + step * 0.4, sport=40_000 + 2 * number + step,
                data=((True, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()), (False, answer)),
            )
        ]  # fmt: skip

    assert classes(pcap(tmp_path / "x", asked("/b/{0}"))) == set()
    assert classes(pcap(tmp_path / "y", asked("/"))) == {("web_scan", CLIENT)}
