# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.grants import grants
from support.pretend_host import empty_host, pretend_host


def seen(host):
    return {sight.what.split(" / ")[1].split(" (")[0]: sight.seen for sight in grants(host, "an")}


def test_a_host_that_shows_its_metrics_is_seen():
    assert seen(pretend_host())["host metrics"]


def test_a_host_that_shows_nothing_is_not_seen_and_each_gap_has_a_remedy(tmp_path):
    sights = [sight for sight in grants(empty_host(tmp_path), "an") if not sight.seen]

    assert {"host metrics", "listening ports", "systemd services"} <= {
        what for what, is_seen in seen(empty_host(tmp_path)).items() if not is_seen
    }
    assert all(sight.remedy for sight in sights)


def test_a_readable_auth_log_is_enough_to_see_logins(tmp_path):
    host = empty_host(tmp_path)
    (host.root / "var/log").mkdir(parents=True)
    (host.root / "var/log/auth.log").write_text("")

    assert seen(host)["logins, sudo, accounts"]


def test_what_the_service_was_granted_counts_although_who_asks_here_has_it_not(tmp_path):
    host = empty_host(tmp_path)
    granted = host.root / "etc/systemd/system/giamsat-agent.service.d/giamsat-agent-process-names.conf"
    granted.parent.mkdir(parents=True)
    granted.touch()

    assert seen(host)["the process behind each port"]


def test_the_remedy_names_the_user_who_lacks_the_rights(tmp_path):
    remedies = [sight.remedy for sight in grants(empty_host(tmp_path), "giám-sát")]

    assert any("adm giám-sát" in remedy for remedy in remedies)


def test_root_lacks_no_rights_so_the_host_lacks_a_log(tmp_path):
    remedies = [sight.remedy for sight in grants(empty_host(tmp_path), "root")]

    assert any("this host keeps no log" in remedy for remedy in remedies)
    assert not any("usermod" in remedy for remedy in remedies)
