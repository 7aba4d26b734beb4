# SPDX-License-Identifier: Apache-2.0
"""Rules about who logs in, where and from where fire from a real sshd, real databases and a real Fail2ban."""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from giamsat_collector.indicators.contact import Indicators
from support.daemons import database, mariadb, started
from support.guessing import target
from support.listing import entry, lookup
from support.outsider import HERE, OUTSIDER, attacked
from support.peers import program
from support.until import holds
from support.web_server import Authority

GUESSERS = [f"192.0.2.{number}" for number in range(66, 71)]


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("sshd", "sshpass", "ssh-keygen", "ip", "journalctl", "useradd")
def test_who_logs_in_from_where_and_who_is_tried_from_everywhere(judged, tmp_path):
    lists, (first, second, *_) = Indicators(), GUESSERS
    lists.lookup = lookup(entry(first, since=0, until=1 << 40))
    with target(tmp_path, address="192.0.2.10", attacker=first) as host, ThreadPoolExecutor(4) as at_once:
        host.log.with_own_accounts()
        host.log.run("useradd", "--password", "*", "admin").check_returncode()
        for address in GUESSERS[1:]:
            host.also_from(address)
        wrong = [("root", address) for address in GUESSERS] + [(f"khach{number}", first) for number in range(5)]
        list(at_once.map(lambda one: host.guess(one[0], 1, source=one[1]), wrong))
        for user, address in (("admin", first), ("admin", second), ("www-data", first)):
            host.log_in(user, source=address)
        told = judged(host.log.syslog("sshd"), lists)

    assert {
        ("account_tried_from_many_addresses", "root"),
        ("unknown_accounts_tried", first),
        ("account_in_many_places", "admin"),
    } <= told
    assert {"well_known_account_logged_in", "service_account_logged_in", "known_bad_login"} <= {
        rule for rule, *_ in told
    }


@pytest.mark.peer("postgres", "psql")
def test_whose_password_a_postgresql_refuses_is_told_without_an_address(judged, tmp_path):
    log = {"logging_collector": "on", "log_filename": "log", "log_line_prefix": "%m [%p] %q%u@%d "}
    with database(Authority(tmp_path).issue("db", days=33), **log) as there:
        there.sql("CREATE ROLE an LOGIN PASSWORD 'right'")
        for user in ("an", "an", "an", "an", "an", "postgres"):
            ends = f"host=127.0.0.1 port={there.port} user={user} dbname=postgres"
            words = [program("psql"), "-qc", "SELECT 1", ends]
            asked = subprocess.run(words, env={**os.environ, "PGPASSWORD": "wrong"}, check=False, capture_output=True)
            assert b"password authentication failed" in asked.stderr
        told = judged((there.folder / "data/log/log").read_bytes().splitlines())

    assert {rule for rule, *_ in told} == {"account_guessing", "database_root_refused"}


@pytest.mark.root
@pytest.mark.namespaces
@pytest.mark.peer("mariadbd", "mariadb", "mariadb-install-db", "ip", "journalctl")
def test_who_gets_into_a_mariadb_from_outside_is_told(judged, tmp_path):
    log = tmp_path / "audit.log"
    audit = ("--plugin-load-add=server_audit", "--server-audit-logging=ON", f"--server-audit-file-path={log}")
    pair = Authority(tmp_path).issue("db", days=33)
    with attacked() as host, host.pair.inside(), mariadb(pair, "--bind-address=*", *audit) as there:
        there.sql("CREATE USER an@'%' IDENTIFIED BY 'right'")
        for user, password in (("an", "right"), ("root", "wrong")):
            client = [program("mariadb"), "--no-defaults", f"-h{HERE}", f"-P{there.port}", f"-u{user}", f"-p{password}"]
            host.attack(*client, "-e", "SELECT 1")
        told = judged(log.read_bytes().splitlines())

    assert {rule for rule, *_ in told} == {"database_login_from_outside", "database_root_refused"}


@pytest.mark.peer("fail2ban")
def test_whom_fail2ban_shuts_out_is_told(judged, tmp_path):
    settings = f"loglevel = INFO\nlogtarget = {tmp_path}/told\nallowipv6 = no\ndbfile = None\n"
    watches = f"filter = portal\nlogpath = {tmp_path}/log\nbackend = polling\nmaxretry = 3\nfindtime = 600\n"
    for name, text in {
        "fail2ban.conf": f"[Definition]\n{settings}",
        "jail.conf": f"[portal]\nenabled = true\n{watches}bantime = 600\naction = none\n",
        "filter.d/portal.conf": "[Definition]\nfailregex = ^ login of \\S+ from <HOST> failed$\n",
        "action.d/none.conf": "[Definition]\nactionban = true\nactionunban = true\n",
        "log": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    log = tmp_path / "told"
    words = ["-f", "-c", tmp_path, "-s", tmp_path / "socket", "-p", tmp_path / "pid"]
    with started([program("fail2ban"), *words]):
        holds(lambda: log.exists() and b"Jail 'portal' started" in log.read_bytes(), 30, "it reads the log")
        line = f"{time.strftime('%Y-%m-%d %H:%M:%S')} login of an from {OUTSIDER} failed\n"
        (tmp_path / "log").write_text(line * 5)
        holds(lambda: f"Ban {OUTSIDER}".encode() in log.read_bytes(), 30, "the guesser is shut out")
        told = judged(log.read_bytes().splitlines())

    assert told == {("guesser_shut_out", OUTSIDER)}
