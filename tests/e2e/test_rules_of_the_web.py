# SPDX-License-Identifier: Apache-2.0
"""Every rule about requests fires from the log of a real nginx that was asked just that."""

import re
import socket
from datetime import UTC

import pytest

from giamsat_agent.parsers.recognizer import Recognizer
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_cases, load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject
from support import web_server
from support.until import holds

pytestmark = pytest.mark.peer("nginx")
ELSEWHERE = {"site_used_as_proxy", "refusals_in_error_log", "web_server_started_a_shell"}
"""Rules of that folder that want something else: an open proxy; a log of errors; a host that tells of its programs."""
IN_VAIN = 120
STATUSES = (200, 201, 403, 404, 502)


@pytest.fixture(scope="module")
def rules():
    return load_rules(shipped().detections)


@pytest.fixture(scope="module")
def stories(rules):
    """The first case of each rule that makes it fire, and what has to be asked for that."""
    files = load_cases(shipped().detections)[0]
    of_the_web = [file for file in files if rules.rules[file.rule].header.origin.file.parent.name == "web"]
    return {file.rule: file.fires[0] for file in of_the_web if file.rule not in ELSEWHERE}


def ask(port, fields):
    target = fields.get("url.original") or fields.get("url.path", "/")
    head = [
        f"{fields['http.request.method']} {target} HTTP/1.1",
        "Host: portal.example.gov.vn",
        "Connection: close",
        "Content-Length: 0",
        f"X-Answer: {fields['http.response.status_code']}",
        f"User-Agent: {fields.get('user_agent.original', 'Mozilla/5.0')}",
        f"Referer: {fields.get('http.request.referrer', '/')}",
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall("\r\n".join([*head, "", ""]).encode())
        while client.recv(4096):
            pass


@pytest.fixture(scope="module")
def lines(stories, tmp_path_factory):
    """What nginx wrote for each rule."""
    folder = tmp_path_factory.mktemp("nginx")
    log = folder / "access.log"
    answers = "".join(f'if ($http_x_answer = "{status}") {{ return {status}; }}' for status in STATUSES)
    written, asked = {}, 0
    with web_server.running(folder, [(None, f"access_log {log} combined; {answers}")]) as (port,):
        for rule, story in stories.items():
            for step in story.steps:
                ask(port, step.fields)
            before, asked = asked, asked + len(story.steps)
            holds(lambda whole=asked: len(log.read_bytes().splitlines()) == whole, 10, f"{rule} is logged")
            written[rule] = log.read_bytes().splitlines()[before:]
    return written


def fires(rules, rule, raw, level):
    engine = Engine(rules.alone(rule), load_pack(shipped().pack))
    recognizer = Recognizer(zone=UTC, origin={})
    for number, line in enumerate(raw):
        for found in recognizer.recognize(line, key=b"%d" % number, now_ns=0, mono_ns=0):
            occurrence = Occurrence(Subject("web", level), found.event.wall_ns, found.event.fields)
            if any(verdict.rule == rule for verdict in engine.judge(occurrence)):
                return True
    return False


def test_every_rule_about_requests_fires_from_a_log_of_nginx(rules, stories, lines):
    silent = {rule for rule, story in stories.items() if not fires(rules, rule, lines[rule], story.level)}

    assert len(stories) >= 50
    assert silent == set()


def test_pages_that_are_asked_for_in_vain_are_told_from_the_log_of_errors_alone(rules, tmp_path):
    log, engine = tmp_path / "error.log", Engine(rules.alone("refusals_in_error_log"), load_pack(shipped().pack))
    site = f"access_log off; error_log {log}; root {tmp_path}; location /admin {{ deny all; }}"
    with web_server.running(tmp_path, [(None, site)]) as (port,):
        for number in range(IN_VAIN):
            path = ("/admin", "/no-such-page")[number % 2]
            ask(port, {"http.request.method": "GET", "url.path": path, "http.response.status_code": 0})
        holds(lambda: len(log.read_bytes().splitlines()) >= IN_VAIN, 10, "all is logged")
        raw = log.read_bytes().splitlines()
    recognizer = Recognizer(zone=UTC, origin={})
    told = [
        verdict.group
        for number, line in enumerate(raw)
        for found in recognizer.recognize(line, key=b"%d" % number, now_ns=0, mono_ns=0)
        for verdict in engine.judge(Occurrence(Subject("web", 5), found.event.wall_ns, found.event.fields))
    ]

    assert {"source.ip": "127.0.0.1"} in told


def test_what_nginx_writes_of_a_plain_visit_raises_nothing(rules, tmp_path):
    engine = Engine(rules, load_pack(shipped().pack))
    log = tmp_path / "access.log"
    visit = {"http.request.method": "GET", "http.response.status_code": 200}
    with web_server.running(tmp_path, [(None, f"access_log {log} combined; return 200;")]) as (port,):
        for path in ("/", "/tin-tuc?trang=2", "/dich-vu-cong/tra-cuu?ma=000.00.01", "/static/site.css", "/favicon.ico"):
            ask(port, visit | {"url.original": path})
        holds(lambda: len(log.read_bytes().splitlines()) == 5, 10, "the visit is logged")
        raw = log.read_bytes().splitlines()

    found = [
        one for line in raw for one in Recognizer(zone=UTC, origin={}).recognize(line, key=line, now_ns=0, mono_ns=0)
    ]
    judged = [engine.judge(Occurrence(Subject("web", 5), one.event.wall_ns, one.event.fields)) for one in found]
    assert all(re.match("/", str(one.event.fields["url.original"])) for one in found)
    assert [verdict.rule for verdicts in judged for verdict in verdicts] == []
