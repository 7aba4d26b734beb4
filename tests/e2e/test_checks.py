# SPDX-License-Identifier: Apache-2.0
"""A site checked by an agent: a real nginx whose certificate ends soon, what Prometheus sees, and what analysts see."""

import pytest

from support import web_server
from support.web_server import Authority

pytestmark = pytest.mark.peer("nginx")


def known_minutes(here, system):
    found = here.ask("availability.show", system=system)["systems"]
    return sum(one["up_minutes"] + one["down_minutes"] for one in found)


def test_a_site_whose_certificate_ends_and_that_then_goes_down(here, tmp_path):
    folder, (system, *_) = tmp_path / "nginx", here.system(5)
    folder.mkdir()
    before = known_minutes(here, system)  # hosts of other tests belong to this system as well
    authority = Authority(folder)
    log = folder / "app.log"
    log.write_text("")
    with web_server.running(folder, [(authority.issue("site", days=20), "return 200 'chào';")]) as (port,):
        settings = (
            f'[[check]]\nname = "portal"\nwhat = "http"\ntarget = "https://127.0.0.1:{port}/"\n'
            f'ca_file = "{authority.ca_file}"\nbody_has = ["chào"]\ninterval_s = 5\ntimeout_s = 3\n'
            '[[check]]\nname = "program"\nwhat = "process"\ntarget = "nginx"\ninterval_s = 5\ntimeout_s = 3\n'
            f'[[check]]\nname = "log"\nwhat = "log"\ntarget = "{log}"\npatterns = {{error = "ERROR"}}\n'
            "interval_s = 5\ntimeout_s = 3\n"
        )
        agent, _ = here.agent("host", level=5, settings=settings)
        success = 'probe_success{check="portal",what="http"}'
        here.until(lambda: f"{success} 1" in here.page(agent), 30, "Prometheus sees that it works")
        counted = 'giamsat_log_matches_total{check="log",pattern="error",what="log"}'
        here.until(lambda: f"{counted} 0" in here.page(agent), 15, "the log is read")
        log.write_text("ERROR x\n" * 500)
        here.until(lambda: f"{counted} 500" in here.page(agent), 15, "errors are counted")
        page = here.page(agent)
        here.until(lambda: here.alerts(rule="certificate_expires", asset=agent), 15, "20 days are told at level 5")

    here.until(lambda: f"{success} 0" in here.page(agent), 15, "Prometheus sees that it does not work any more")
    (alert,) = here.alerts(rule="certificate_expires", asset=agent)

    assert "# TYPE probe_http_duration_seconds gauge" in page
    assert 'probe_http_duration_seconds{check="portal",phase="tls",what="http"}' in page
    assert f'giamsat_check_info{{check="portal",target="https://127.0.0.1:{port}/",what="http"}} 1' in page
    assert alert["level"] == 5
    assert "# TYPE giamsat_log_matches_total counter" in page
    assert 'namedprocess_namegroup_oldest_start_time_seconds{check="program",groupname="nginx",what="process"}' in page

    def told():
        (found,) = here.ask("availability.show", system=system)["systems"]
        return found

    here.until(lambda: told()["down_minutes"] >= 1, 15, "a minute in which it failed is one it was down")
    assert [one["check"] for one in told()["checks"] if one["asset"] == agent] == ["log", "portal", "program"]
    assert known_minutes(here, system) - before <= 60, "of the rest of the month nothing is known"
