# SPDX-License-Identifier: Apache-2.0
import contextlib
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from giamsat_agent.parsers.cef import cef
from giamsat_collector.notifier import NotToldError
from giamsat_collector.notifiers.syslog import SyslogNotifier, line
from giamsat_collector.notify_settings import Syslog, What
from support import peers
from support.daemons import started
from support.notices import notice
from support.ports import free_ports
from support.until import listening
from support.web_server import Authority


def settings(port, transport, **more):
    return Syslog(name="siem", kind="syslog", address=f"127.0.0.1:{port}", transport=transport, **more)


@contextlib.contextmanager
def rsyslog(folder, module, *words):
    """A real rsyslogd that writes what it takes over TCP to a file, a line each; yields its port and a reader."""
    (port,) = free_ports(1)
    told, conf = folder / "told", folder / "rsyslog.conf"
    conf.write_text(
        f'global(workDirectory="{folder}" {" ".join(words)})\n{module}\n'
        f'input(type="imtcp" port="{port}" address="127.0.0.1")\n'
        'template(name="whole" type="string" string="%rawmsg%\\n")\n'
        f'action(type="omfile" file="{told}" template="whole")\n'
    )
    with started([peers.program("rsyslogd"), "-n", "-f", conf, "-i", folder / "pid"]) as process:
        listening(port, process)
        yield port, lambda: told.read_text().splitlines() if told.exists() else []


def until(lines, count):
    end = time.monotonic() + 60
    while len(lines()) < count and time.monotonic() < end:
        time.sleep(0.05)
    return lines()


def test_a_message_is_cef_that_a_reader_of_cef_understands():
    said = line(notice(what=What.CLOSE, title_en="a|b\\c"), "soc.example")

    head, _, rest = said.partition("CEF:0|")
    assert head == "<108>1 2026-11-30T00:53:20.000Z soc.example giamsat-collector - alert - "
    values = cef(f"CEF:0|{rest}")
    assert (values["cef.vendor"], values["cef.id"], values["cef.severity"]) == ("giamsat", "ssh_brute_force", "8")
    assert (values["src"], values["cnt"], values["act"], values["cs2"]) == ("192.0.2.7", "12", "close", "S1")
    assert (values["msg"], values["cs1"]) == ("Dò mật khẩu SSH", "40.412 Thành phố Vinh")


def test_what_a_host_sent_breaks_neither_the_message_nor_a_field():
    hostile = replace(notice(system=None), host="a\nb act=open x\\=1 " + "z" * 9_000)

    values = cef(line(hostile, "soc.example").partition(" - alert - ")[2])

    assert "\n" not in line(hostile, "soc.example")
    assert (values["act"], values["dvchost"][:18]) == ("open", "a b act=open x\\=1 ")
    assert len(line(hostile, "soc.example")) < 2_000
    assert "cs2Label" not in values


@pytest.mark.peer("rsyslogd")
def test_a_real_rsyslog_takes_each_message_over_tcp(tmp_path):
    with rsyslog(tmp_path, 'module(load="imtcp")') as (port, lines):
        SyslogNotifier(settings(port, "tcp"), "soc.example").tell([notice(1), notice(2, id="b" * 16)])
        told = until(lines, 2)

    assert [one.partition("externalId=")[2].split()[0] for one in told] == [notice().alert.id, "b" * 16]


@pytest.mark.peer("rsyslogd", "rsyslog-gnutls")
def test_over_tls_only_a_receiver_whose_certificate_is_trusted_hears_anything(tmp_path):
    authority = Authority(tmp_path)
    certificate, key = authority.issue("siem", days=30)
    files = (("CA", authority.ca_file), ("Cert", certificate), ("Key", key))
    words = [f'DefaultNetstreamDriver{name}File="{path}"' for name, path in files]
    module = 'module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")'
    with rsyslog(tmp_path, module, *words) as (port, lines):
        with pytest.raises(NotToldError, match=r"(?s)certificate.*ca_file"):
            SyslogNotifier(settings(port, "tls"), "soc.example").tell([notice()])
        SyslogNotifier(settings(port, "tls", ca_file=authority.ca_file), "soc.example").tell([notice()])

        assert len(until(lines, 1)) == 1


def test_a_udp_address_that_the_host_refuses_is_told_and_leaves_no_socket_open():
    everybody = Syslog(name="siem", kind="syslog", address="127.255.255.255:514", transport="udp")
    before = set(Path("/proc/self/fd").iterdir())

    with pytest.raises(NotToldError, match="Permission denied") as refusal:
        SyslogNotifier(everybody, "soc.example").tell([notice()])

    assert refusal.tb is not None, "what it still holds is not collected yet"
    assert set(Path("/proc/self/fd").iterdir()) == before


def test_over_udp_each_is_a_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(60)
        SyslogNotifier(settings(receiver.getsockname()[1], "udp"), "soc.example").tell([notice(1), notice(2)])

        assert [receiver.recv(4096)[:6] for _ in range(2)] == [b"<108>1"] * 2


def test_a_receiver_that_is_down_is_one_message():
    (port,) = free_ports(1)
    with pytest.raises(NotToldError, match=f"127.0.0.1:{port}: .*is it up"):
        SyslogNotifier(settings(port, "tcp"), "soc.example").tell([notice()])
