# SPDX-License-Identifier: Apache-2.0
"""A collector takes seconds to start: tests that leave it as it is share one, each with hosts of its own."""

import time
from datetime import UTC

import pytest

from giamsat_agent.parsers.recognizer import Recognizer
from giamsat_collector.console.host import HostStatus
from giamsat_rules.engine import Engine
from giamsat_rules.load import load_pack, load_rules, shipped
from giamsat_rules.verdict import Occurrence, Subject
from support import fired
from support.console import SECOND, Console
from support.console_server import ConsoleServer, Visit, chromium
from support.site import site


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A test that fired.toml names fails where a rule it is said to make fire did not."""
    with fired.heard() as rules:
        result = yield
    assert fired.said(item.path.name, item.originalname) - rules == set(), "these rules did not fire"
    return result


@pytest.fixture(scope="session")
def shipped_rules():
    return load_rules(shipped().detections), load_pack(shipped().pack)


@pytest.fixture
def judged(shipped_rules):
    """A function that gives what lines of a log raise at level 5: rules, each with the values it is about."""

    def judged(lines, lists=None):
        engine, recognizer, told = Engine(*shipped_rules), Recognizer(zone=UTC, origin={}), []
        for number, line in enumerate(lines):
            for found in recognizer.recognize(line, key=b"%d" % number, now_ns=time.time_ns(), mono_ns=0):
                at_ns = found.event.wall_ns
                fields = lists.told(found.event.fields, at_ns) if lists else found.event.fields
                told += engine.judge(Occurrence(Subject("host", 5), at_ns, fields))
        return {(verdict.rule, *verdict.group.values()) for verdict in (*told, *engine.settle())}

    return judged


@pytest.fixture(scope="session")
def shared_site(tmp_path_factory):
    with site(tmp_path_factory.mktemp("site")) as shared:
        yield shared


@pytest.fixture
def here(shared_site, tmp_path):
    """The site; the files of a test's hosts lie in its folder, and what it starts ends with it."""
    with shared_site.hosting(tmp_path):
        yield shared_site


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def console():
    console = Console()
    console.place()
    now = console.clock.wall_ns()
    console.hosts.known = [
        HostStatus("A1", "máy-chủ-1", "40.412", "Đơn vị 40.412", "S-A1", 3, "0.1.0", now - SECOND, silent=False)
    ]
    yield console
    console.close()


@pytest.fixture
def server(console, tmp_path):
    server = ConsoleServer(console, tmp_path)
    yield server
    server.close()


@pytest.fixture
def visit(browser, server):
    """Opens tabs; whatever went wrong in one of them is a failure."""
    visits = []

    def open_tab(**context):
        visits.append(Visit(browser, server.url, **{"locale": "vi", **context}))
        return visits[-1]

    yield open_tab
    for each in visits:
        each.close()
    assert [fault for each in visits for fault in each.faults] == []
