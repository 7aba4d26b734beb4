# SPDX-License-Identifier: Apache-2.0
import grpc
import pytest

from giamsat_agent.uplink.dialling import options


@pytest.mark.parametrize("name", ["grpc_proxy", "https_proxy", "http_proxy"])
def test_a_proxy_for_the_web_is_not_asked_for_the_way_to_the_collector(monkeypatch, free_ports, name):
    nobody, port = free_ports(2)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, f"http://127.0.0.1:{nobody}")
    server = grpc.server(None)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=options(1_024)) as channel:
            grpc.channel_ready_future(channel).result(60)
    finally:
        server.stop(None)
