# SPDX-License-Identifier: Apache-2.0
"""Rules about logins, mail, names and viruses fire from what real servers write when somebody outside tries them."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

import pytest

from giamsat_agent.parsers.recognizer import Recognizer
from giamsat_collector.indicators.contact import Indicators
from support.capture import DNS, DNSQR, DNSRR
from support.listing import entry, lookup
from support.outsider import HERE, OUTSIDER, attacked
from support.peers import program
from support.until import holds

pytestmark = [pytest.mark.root, pytest.mark.namespaces, pytest.mark.peer("ip", "journalctl")]


@pytest.fixture
def host():
    with attacked() as host:
        yield host


def says(host, port, *lines):
    """The last line of each answer that a server gives to the outsider, of which the first greets."""
    with host.outside():
        client = socket.create_connection((HERE, port), timeout=60)
    with client, client.makefile("rb") as answers:

        def answer():
            return next((line for line in answers if line[3:4] != b"-"), b"")

        said = [answer()]
        for line in lines:
            client.sendall(line.encode() + b"\r\n")
            said.append(answer())
        return said


def listens(host, port):
    def claim():
        try:
            says(host, port)
        except ConnectionRefusedError:
            return False
        return True

    holds(claim, 20, f"somebody listens on {port}")


@pytest.mark.peer("named")
def test_a_name_server_that_refuses_questions_transfers_and_updates(host, judged, tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "zone").write_text(f"$TTL 60\n@ SOA ns. admin. 1 1 1 1 1\n@ NS ns\nns A {HERE}\n")
    conf = tmp_path / "named.conf"
    conf.write_text(
        f'options {{ directory "{tmp_path}"; pid-file none; session-keyfile none; listen-on {{ {HERE}; }};'
        f" listen-on-v6 {{ none; }}; allow-recursion {{ {HERE}; }}; allow-transfer {{ none; }};"
        " dnssec-validation no; };"
        f' controls {{ }}; zone "example.vn" {{ type primary; file "zone"; }};\n'
    )
    transfer = bytes(DNS(id=1, qd=DNSQR(qname="example.vn", qtype="AXFR")))
    update = DNS(id=2, opcode=5, qd=DNSQR(qname="example.vn", qtype="SOA"))
    update.ns = DNSRR(rrname="x.example.vn", type="A", ttl=1, rdata=OUTSIDER)
    with host.serving(program("named"), "-f", "-4", "-c", conf):
        holds(lambda: any(line.endswith(b" running") for line in host.log.syslog("named")), 20, "it serves")
        with host.outside():
            names = socket.create_connection((HERE, 53), timeout=60)
        with names:
            names.sendall(len(transfer).to_bytes(2, "big") + transfer)
            names.recv(512)
        with host.outside(), socket.socket(type=socket.SOCK_DGRAM) as asks:
            asks.connect((HERE, 53))
            for question in (*(DNS(id=9, rd=1, qd=DNSQR(qname="example.com")),) * 12, update):
                asks.send(bytes(question))
                asks.recv(512)

    assert judged(host.log.syslog("named")) == {
        ("zone_transfer_refused", OUTSIDER),
        ("zone_update_refused", OUTSIDER),
        ("dns_refused_repeatedly", OUTSIDER),
    }


@pytest.mark.peer("exim4")
def test_a_mail_server_that_relays_for_nobody_and_is_asked_for_a_page(host, judged, tmp_path):
    (tmp_path / "spool").mkdir()
    conf = tmp_path / "exim.conf"
    conf.write_text(
        "primary_hostname = mail.example.gov.vn\nexim_user = root\nexim_group = root\nnever_users =\n"
        f"spool_directory = {tmp_path}/spool\nlog_file_path = {tmp_path}/%slog\nlocal_interfaces = {HERE}\n"
        "acl_smtp_rcpt = rcpt\nbegin acl\nrcpt:\n  deny message = relay not permitted\n"
        "begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  server_condition = false\n"
        "  server_set_id = $auth2\n"
    )
    conf.chmod(0o600)
    with host.serving(program("exim4"), "-C", conf, "-bdf"):
        listens(host, 25)
        for _ in range(6):
            tries = "EHLO x", "AUTH PLAIN AGFuAHg=", "MAIL FROM:<an@example.vn>", "RCPT TO:<binh@example.net>"
            assert says(host, 25, *tries)[-1] == b"550 relay not permitted\r\n"
        says(host, 25, "GET / HTTP/1.1", "Host: x", "User-Agent: x", "Accept: */*")
    lists = Indicators()
    lists.lookup = lookup(entry("example.vn", since=0, until=1 << 40))
    told = judged((tmp_path / "mainlog").read_bytes().splitlines(), lists)

    assert told == {
        ("mail_relay_tried", OUTSIDER),
        ("mail_refused_repeatedly", OUTSIDER),
        ("mail_server_probed", OUTSIDER),
        ("login_brute_force", OUTSIDER),
        ("known_bad_mail", "example.vn"),
    }


@pytest.mark.peer("vsftpd")
def test_a_login_that_is_told_by_pam_and_by_the_server_is_one(host, judged, tmp_path):
    conf, empty = tmp_path / "vsftpd.conf", tmp_path / "empty"
    empty.mkdir()
    conf.write_text(
        f"listen=YES\nlisten_address={HERE}\nbackground=NO\nanonymous_enable=NO\nlocal_enable=YES\nsyslog_enable=YES\n"
        f"pam_service_name=vsftpd\nsecure_chroot_dir={empty}\ndelay_failed_login=0\nisolate=NO\n"
        "isolate_network=NO\n"
    )

    def guess(number):
        assert says(host, 21, f"USER khach{number}", "PASS x")[-1].startswith(b"530 ")

    with host.serving(program("vsftpd"), conf), ThreadPoolExecutor() as at_once:
        listens(host, 21)
        list(at_once.map(guess, range(4)))
        four = judged(host.log.syslog("vsftpd"))
        list(at_once.map(guess, range(4, 7)))
        seven = judged(host.log.syslog("vsftpd"))

    assert four == set()
    assert seven == {
        ("login_brute_force", OUTSIDER),
        ("password_spraying", OUTSIDER),
        ("slow_password_guessing", OUTSIDER),
    }


@pytest.mark.peer("clamd")
def test_a_file_in_which_a_virus_was_found_is_named(host, judged, tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "db").mkdir()
    (tmp_path / "db/test.hdb").write_text("44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n")
    (tmp_path / "file").write_bytes(rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*")
    conf, log, door = tmp_path / "clamd.conf", tmp_path / "clamav.log", tmp_path / "socket"
    conf.write_text(
        f"LocalSocket {door}\nDatabaseDirectory {tmp_path}/db\nForeground yes\nUser root\nLogFile {log}\nLogTime yes\n"
    )
    with host.serving(program("clamd"), "-c", conf):
        with socket.socket(socket.AF_UNIX) as asks:
            holds(lambda: asks.connect_ex(str(door)) == 0, 60, "it serves")
            asks.sendall(f"nSCAN {tmp_path}/file\n".encode())
            assert asks.recv(512).endswith(b" FOUND\n")
        holds(lambda: b" FOUND" in log.read_bytes(), 10, "it is logged")
    found = [line for line in log.read_bytes().splitlines() if line.endswith(b" FOUND")]
    (event,) = Recognizer(zone=UTC, origin={}).recognize(found[0], key=b"", now_ns=0, mono_ns=0)

    assert judged(found) == {("malware_detected", "Eicar-Test-Signature.UNOFFICIAL")}
    assert event.event.fields["file.path"] == f"{tmp_path}/file"
