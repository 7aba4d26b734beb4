# SPDX-License-Identifier: Apache-2.0
"""Rules about proxies, VPNs and traps fire from what real ones write when somebody outside uses or tries them."""

import re
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.outsider import HERE, OUTSIDER, attacked
from support.peers import program
from support.until import holds
from support.web_server import Authority

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip", "journalctl")]
SQUID = "squid", "(squid-1)"
MODULES = "/usr/lib/apache2/modules"
READY = b"Initialization Sequence Completed"
ACCEPTED = re.compile(rb"ACCEPT host=")
BLOCKED, ATTACKS, GUESSES, TOUCHES = 50, 3, 5, 2
"""How often each is done: as often as it takes at level 5."""


@pytest.fixture
def host():
    with attacked() as host:
        yield host


def says(host, port, text):
    """The beginning of what a server answers to these words of the outsider; empty as long as it does not listen."""
    with host.outside(), socket.socket() as client:
        client.settimeout(60)
        if client.connect_ex((HERE, port)):
            return b""
        client.sendall(text.encode())
        return client.recv(512)


def answers(host, port, text, answer):
    holds(lambda: answer in says(host, port, text), 20, f"{answer} comes from {port}")


@pytest.mark.peer("squid")
def test_a_machine_that_keeps_asking_for_pages_that_are_blocked(host, judged, tmp_path):
    conf = tmp_path / "squid.conf"
    conf.write_text(
        f"http_port {HERE}:3128\nhttp_access deny all\naccess_log syslog:daemon.info squid\ncache_log /dev/null\n"
        "pid_filename none\ncache_mem 1 MB\npinger_enable off\nnetdb_filename none\nshutdown_lifetime 0 seconds\n"
        "coredump_dir /tmp\n"
    )
    host.log.run("mkdir", "--mode=1777", "/dev/shm").check_returncode()
    with host.serving(program("squid"), "-N", "-f", conf):
        answers(host, 3128, "GET http://cam.example/ HTTP/1.0\r\n\r\n", b" 403 ")
        for _ in range(BLOCKED):
            says(host, 3128, "GET http://cam.example/ HTTP/1.0\r\n\r\n")
        holds(lambda: b"\n".join(host.log.syslog(*SQUID)).count(b"TCP_DENIED") > BLOCKED, 20, "all is logged")

    assert judged(host.log.syslog(*SQUID)) == {("blocked_pages_repeated", OUTSIDER)}


@pytest.mark.peer("apache2", "modsecurity")
def test_a_web_server_that_connects_whoever_asks_and_whose_guard_recognises_attacks(host, judged, tmp_path):
    conf, log, errors = tmp_path / "apache2.conf", tmp_path / "access.log", tmp_path / "error.log"
    loads = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in ("mpm_event", "authz_core", "unique_id")]
    loads += [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in ("proxy", "proxy_connect", "security2")]
    settings = [
        *(f"ServerName dvc.example\nListen {HERE}:80\nPidFile {tmp_path}/pid", f"DefaultRuntimeDir {tmp_path}"),
        *(f"ErrorLog {errors}", 'LogFormat "%h %l %u %t \\"%r\\" %>s %b" common', f"CustomLog {log} common"),
        *("ProxyRequests On", "AllowCONNECT 8443", "SecRuleEngine On", f"SecDataDir {tmp_path}"),
        'SecRule REQUEST_URI "@contains /etc/passwd" "id:1,phase:1,deny,status:403,msg:\'Path traversal\'"',
    ]
    conf.write_text("\n".join([*loads, *settings, ""]))
    with (
        host.serving(program("apache2"), "-X", "-f", conf),
        host.pair.inside(),
        socket.create_server((HERE, 8443)) as site,
    ):
        answers(host, 80, f"CONNECT {HERE}:8443 HTTP/1.1\r\nHost: {HERE}\r\n\r\n", b" 200 ")
        site.accept()[0].close()  # or the server waits for it to its end
        for _ in range(ATTACKS):
            answers(host, 80, "GET /?page=../../etc/passwd HTTP/1.1\r\nHost: dvc.example\r\n\r\n", b" 403 ")
        holds(lambda: b"CONNECT" in log.read_bytes(), 20, "it is logged")

    assert ("site_used_as_proxy", OUTSIDER) in judged(log.read_bytes().splitlines())
    assert {("intrusion_detected", OUTSIDER), ("intrusions_repeated", OUTSIDER)} <= judged(
        errors.read_bytes().splitlines()
    )


@pytest.mark.peer("endlessh", "openvpn")
def test_who_touches_a_trap_and_who_guesses_passwords_of_a_vpn(host, judged, tmp_path):
    (certificate, key), wrong = Authority(tmp_path).issue("vpn", days=30), tmp_path / "wrong"
    wrong.write_text("an\nwrong\n")
    host.log.run("sh", "-c", "mkdir /dev/net && mknod /dev/net/tun c 10 200").check_returncode()
    trap = host.serving(program("endlessh"), "-4", "-s", "-v", "-p", "22", "-d", "100")
    its = ("--ca", tmp_path / "ca.pem", "--cert", certificate, "--key", key, "--dh", "none")
    lets_in = (
        "--verify-client-cert",
        "none",
        "--script-security",
        "2",
        "--auth-user-pass-verify",
        "/bin/false",
        "via-env",
    )
    how = ("--mode", "server", "--tls-server", "--dev", "tun", "--local", HERE, "--syslog", "openvpn")
    asks = ("--client", "--dev", "null", "--nobind", "--remote", HERE, "--ca", tmp_path / "ca.pem")

    def guess(_):
        return host.attack(program("openvpn"), *asks, "--auth-user-pass", wrong, "--auth-retry", "none")

    with trap, host.serving(program("openvpn"), *how, *its, *lets_in), ThreadPoolExecutor() as at_once:
        for _ in range(TOUCHES):
            answers(host, 22, "", b"\r\n")
        holds(lambda: len(ACCEPTED.findall(b"\n".join(host.log.syslog("endlessh")))) >= TOUCHES, 20, "it is touched")
        holds(lambda: any(READY in line for line in host.log.syslog("openvpn")), 20, "the VPN is ready")
        refused = list(at_once.map(guess, range(GUESSES)))

    assert {b"AUTH_FAILED" in one.stdout for one in refused} == {True}
    found = judged(host.log.syslog("endlessh", "openvpn"))
    assert {("trap_touched", OUTSIDER), ("vpn_brute_force", OUTSIDER)} <= found
