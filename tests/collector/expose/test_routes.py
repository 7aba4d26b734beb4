# SPDX-License-Identifier: Apache-2.0
import asyncio
import subprocess

import pytest
from fastapi import FastAPI

from giamsat_collector.expose.discovery import Target
from giamsat_collector.expose.hosts import HostPages
from giamsat_collector.expose.routes import router
from giamsat_wire.record import Sample
from support.clock import ManualClock
from support.console import HERE, Client
from support.peers import program

SECOND = 1_000_000_000
SAMPLES = (
    Sample("node_load1", 0.5),
    Sample("node_cpu_seconds_total", 12.25, (("cpu", "0"), ("mode", "idle"))),
    Sample("node_filesystem_avail_bytes", 2.0**40, (("fstype", "ext4"), ("mountpoint", 'ổ "một"\n\\'))),
)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def client(clock):
    pages, targets = HostPages(), [Target("A1", "máy-1", "40.412", "S1", 3)]
    pages.update("A1", lambda: SAMPLES, {}, received_ns=clock.wall_ns(), period_s=15.0)

    async def own():
        return b"own 1\n"

    app = FastAPI()
    app.include_router(router(token="geheim", own=own, pages=pages, targets=lambda: targets, clock=clock))
    return Client(app, {})


@pytest.mark.parametrize("path", ["/metrics", "/metrics/hosts/A1", "/metrics/hosts/nobody", "/api/v1/prometheus/sd"])
@pytest.mark.parametrize("given", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Bearer "}])
async def test_no_page_is_given_without_the_token(client, path, given):
    answer = await client.get(path, **given)

    assert (answer.status, answer.header("www-authenticate")) == (401, "Bearer")
    assert "token" in answer.text


def test_without_a_token_there_are_no_pages(clock):
    with pytest.raises(ValueError, match="need a token"):
        router(token="", own=list, pages=HostPages(), targets=list, clock=clock)


@pytest.mark.parametrize("given", ["Bearer geheim", "geheim"])
async def test_with_the_token_the_collectors_own_page_is_given(client, given):
    answer = await client.get("/metrics", authorization=given)

    assert (answer.status, answer.body) == (200, b"own 1\n")
    assert answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"


async def test_a_host_whose_samples_are_old_answers_503_so_that_up_turns_0(client, clock):
    clock.advance(37 * SECOND)
    fresh = await client.get("/metrics/hosts/A1", authorization="Bearer geheim")
    clock.advance(SECOND)
    stale = await client.get("/metrics/hosts/A1", authorization="Bearer geheim")

    assert (fresh.status, stale.status) == (200, 503)
    assert b"node_load1" not in stale.body


async def test_a_host_nobody_heard_of_answers_503(client):
    assert (await client.get("/metrics/hosts/nobody", authorization="Bearer geheim")).status == 503


async def test_prometheus_is_sent_back_to_the_address_it_came_by(client):
    answer = await client.get("/api/v1/prometheus/sd", authorization="Bearer geheim")

    (group,) = answer.json
    assert group["targets"] == [HERE]
    assert group["labels"]["__metrics_path__"] == "/metrics/hosts/A1"
    assert answer.header("x-prometheus-refresh-interval-seconds") == "30"


@pytest.mark.peer("promtool")
async def test_promtool_finds_nothing_wrong_with_a_hosts_page(client):
    page = (await client.get("/metrics/hosts/A1", authorization="Bearer geheim")).body

    words = [program("promtool"), "check", "metrics"]
    checked = await asyncio.to_thread(subprocess.run, words, input=page, capture_output=True, check=False)

    assert (checked.returncode, checked.stderr, checked.stdout) == (0, b"", b"")
