# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import socket

import pytest

from giamsat_agent import config
from giamsat_agent.config import Syslog
from giamsat_agent.devices.syslog import CONNECTIONS_PER_SENDER, ListenError
from giamsat_agent.errors import ConfigError
from giamsat_agent.listeners import syslog
from giamsat_wire.clock import SystemClock
from support.ports import free_ports
from support.uplinks import until

GUESS = b"<38>Nov 23 10:00:00 may1 sshd[7]: Failed password for root from 192.0.2.9 port 7 ssh2"


async def test_a_message_to_the_configured_port_becomes_an_event(tmp_path):
    (port,) = free_ports(1)
    arrived = []
    service = syslog(Syslog(udp=f"127.0.0.1:{port}"), SystemClock(), arrived.extend)
    running = asyncio.ensure_future(service.run())
    async with asyncio.timeout(60):
        while not arrived:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(
                    b"<38>Nov 23 10:00:00 may1 sshd[7]: Failed password for root from 192.0.2.9 port 7 ssh2",
                    ("127.0.0.1", port),
                )
            await asyncio.sleep(0.1)
    running.cancel()

    assert (arrived[0].kind, arrived[0].fields["source.ip"]) == ("user-login", "192.0.2.9")


async def test_connections_above_a_senders_share_are_told_as_a_number():
    (port,) = free_ports(1)
    service = syslog(Syslog(tcp=f"127.0.0.1:{port}"), SystemClock(), list)
    running = asyncio.ensure_future(service.run())
    await until(lambda: service.listener.endpoints)
    async with asyncio.timeout(60), contextlib.AsyncExitStack() as stack:
        for _ in range(CONNECTIONS_PER_SENDER + 2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
        assert await reader.read() == b""
        refused = {sample.name: sample.value for sample in service.samples()}
    running.cancel()

    assert refused == {"giamsat_agent_syslog_connections_refused_total": 2}


def test_tls_files_that_cannot_be_used_are_named(tmp_path):
    settings = Syslog(tls="127.0.0.1:1", certificate=str(tmp_path / "c"), key=str(tmp_path / "k"))

    with pytest.raises(ListenError, match="syslog TLS"):
        syslog(settings, SystemClock(), list)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[syslog]\nzone = "Saigon"', "IANA database"),
        ('[syslog]\nzones = {"10.0.0.1" = "x"}', "IANA database"),
        ('[syslog]\ntls = "0.0.0.0:6514"', "certificate and syslog.key"),
        ("[syslog]\nport = 514", "port"),
        ('[syslog]\ntrusted_proxies = ["10.0.0.5/8"]', "trusted_proxies: '10.0.0.5/8' is no address and no network"),
        ('[syslog]\ntrusted_proxies = ["0.0.0.0/0"]', "name those that are meant"),
    ],
)
def test_a_setting_that_could_only_fail_later_is_refused_now(text, said):
    with pytest.raises(ConfigError, match=said):
        config.parse(text, "agent.toml")


def test_a_declared_proxy_is_believed_for_whom_it_asks_and_no_other_peer():
    line = '<13>Nov 23 16:00:00 w nginx: {} - - [23/Nov/2026:16:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-" "192.0.2.9"'
    intake = syslog(Syslog(trusted_proxies=("10.0.0.0/8",)), SystemClock(), list).intake

    events = [
        event
        for peer in ("10.0.0.5", "198.51.100.7")
        for event in intake.take("127.0.0.1", line.format(peer).encode(), wall_ns=0, mono_ns=0)
    ]

    assert [event.fields["source.ip"] for event in events] == ["192.0.2.9", "198.51.100.7"]


def test_by_default_nothing_is_listened_on():
    assert not config.parse("", "agent.toml").syslog.listens


async def test_a_port_that_is_taken_is_tried_again_and_nothing_else_stops(monkeypatch):
    monkeypatch.setattr("giamsat_agent.listeners.RETRY_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        service = syslog(Syslog(tcp=f"127.0.0.1:{port}"), SystemClock(), list)
        running = asyncio.ensure_future(service.run())
        await asyncio.sleep(0.2)
        assert not running.done()
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                break
    writer.close()
    running.cancel()
