# SPDX-License-Identifier: Apache-2.0
"""Rules about applications that are checked fire from real servers that work at first and then are ended or ail."""

import contextlib
import shutil
import time

import pytest

from giamsat_agent.check_runner import Checked, figures
from giamsat_agent.checks import build
from giamsat_rules.engine import Engine
from giamsat_rules.verdict import Occurrence, Subject
from giamsat_wire.clock import SystemClock
from giamsat_wire.record import SampleSet
from support.checking import settings
from support.daemons import database, directory, mail_server, name_server, started, time_server
from support.web_server import Authority, running
from support.wrong_clock import ahead

MINUTES = 10
DOWN = {
    "portal": "application_down",
    "db": "database_down",
    "ldap": "directory_down",
    "mail": "mail_server_down",
    "names": "name_server_down",
    "time": "time_server_down",
    "program": "program_not_running",
    "certificate": "certificate_file_unusable",
    "backup": "backup_not_made",
    "log": "application_log_unreadable",
}


@pytest.fixture
def told(shipped_rules):
    """A function that gives what a check raises at level 5 that ends ten times as it ends now.

    `meanwhile` is done after it has been run once before.
    """

    async def told(its, meanwhile=None):
        engine, subject, verdicts = Engine(*shipped_rules), Subject("host", 5), []
        checked, at_ns = Checked(its, build(its)), time.time_ns()
        result = await checked.once(SystemClock())
        if meanwhile:
            meanwhile()
            result = await checked.once(SystemClock())
        for number in range(MINUTES):
            now_ns = at_ns + number * 60 * 10**9
            verdicts += engine.judge_samples(subject, SampleSet(now_ns, number, tuple(figures(its, result))))
            for event in checked.take(result, wall_ns=now_ns, mono_ns=number):
                verdicts += engine.judge(Occurrence(subject, now_ns, event.fields))
        return {verdict.rule for verdict in verdicts if verdict.change == "raised"}

    return told


@pytest.mark.root
@pytest.mark.peer("nginx", "postgres", "psql", "slapd", "exim4", "dnsmasq", "chronyd")
async def test_each_kind_of_check_is_quiet_while_its_other_end_works_and_told_when_it_is_gone(told, tmp_path):
    pair = Authority(tmp_path).issue("site", days=900)
    files = {name: tmp_path / name for name in ("portal", "program", "backup", "log")}
    files["portal"].mkdir()
    files["program"] = tmp_path / f"gs-{time.time_ns() % 10**9}"
    shutil.copy("/bin/sleep", files["program"])
    for name in ("backup", "log"):
        files[name].write_text("x\n")
    with contextlib.ExitStack() as stack:
        (portal,) = stack.enter_context(running(files["portal"], [(None, "return 200 'chào';")]))
        ldap, _ = stack.enter_context(directory(tmp_path, pair))
        on = {
            "portal": ("http", f"http://127.0.0.1:{portal}/", {}),
            "db": ("postgresql", f"127.0.0.1:{stack.enter_context(database(pair)).port}", {"tls": False}),
            "ldap": ("ldap", f"127.0.0.1:{ldap}", {"tls": "none"}),
            "mail": ("smtp", f"127.0.0.1:{stack.enter_context(mail_server(tmp_path, pair))}", {}),
            "names": (
                "dns",
                f"127.0.0.1:{stack.enter_context(name_server('--host-record=dvc.example,192.0.2.5'))}",
                {"query": "dvc.example"},
            ),
            "time": ("ntp", f"127.0.0.1:{stack.enter_context(time_server(tmp_path, stratum=3))}", {}),
            "program": ("process", files["program"].name, {}),
            "certificate": ("certificate", str(pair[0]), {}),
            "backup": ("backup", str(files["backup"]), {}),
            "log": ("log", str(files["log"]), {"patterns": {"error": "ERROR"}}),
        }
        stack.enter_context(started([files["program"], "600"]))
        checks = {
            name: settings(name=name, what=what, target=target, timeout_s=5, **more)
            for name, (what, target, more) in on.items()
        }
        working = {name: await told(its) for name, its in checks.items()}
    for gone in (pair[0], files["backup"], files["log"]):
        gone.unlink()

    assert working == {name: set() for name in DOWN}
    assert {name: await told(its) for name, its in checks.items()} == {name: {rule} for name, rule in DOWN.items()}


@pytest.mark.peer("nginx")
async def test_a_site_that_says_something_else_and_one_whose_certificate_nobody_believes(told, tmp_path):
    pair = Authority(tmp_path).issue("site", days=900)
    with running(tmp_path, [(None, "return 200 'hacked';"), (pair, "return 200 'chào';")]) as (plain, tls):
        changed = settings(what="http", target=f"http://127.0.0.1:{plain}/", body_has=["Dịch vụ công"])
        untrusted = settings(what="tls", target=f"127.0.0.1:{tls}")

        assert "page_content_wrong" in await told(changed)
        assert "certificate_not_trusted" in await told(untrusted)


@pytest.mark.root
@pytest.mark.peer("nginx", "chronyd", "faketime")
async def test_a_site_that_is_slow_a_time_that_is_wrong_and_a_log_of_errors(told, tmp_path):
    log, site = tmp_path / "log", f"limit_rate 700; return 200 '{'x' * 3_500}';"
    log.touch()
    with running(tmp_path, [(None, site)]) as (port,), time_server(tmp_path, stratum=3, within=ahead(9)) as time:
        slow = await told(settings(what="http", target=f"http://127.0.0.1:{port}/", timeout_s=60))
        late = await told(settings(what="ntp", target=f"127.0.0.1:{time}"))
    errors = settings(what="log", target=str(log), patterns={"error": "ERROR"})

    assert (slow, late) == ({"application_slow"}, {"clock_off_by_time_server"})
    assert await told(errors, lambda: log.write_text("ERROR\n" * 9)) == {"application_log_errors"}
