# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
import random
import socket
import ssl

import grpc
import pytest
from structlog.testing import capture_logs

from giamsat.v1 import enrol_pb2, enrol_pb2_grpc, ingest_pb2
from giamsat_collector.enrol import service
from giamsat_collector.enrol.service import TRIES_PER_MINUTE, _address, _network, build
from giamsat_collector.errors import StartError, StoreError
from support.clock import ManualClock
from support.csr import csr, fresh_key, request
from support.enrolling import desk


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path) as office:
        yield office


@pytest.fixture
async def stub(office):
    credentials = grpc.ssl_channel_credentials(office.authority.root_pem)
    async with grpc.aio.secure_channel(office.address, credentials) as channel:
        yield enrol_pb2_grpc.EnrolStub(channel)


def message(wanted):
    return enrol_pb2.RedeemRequest(
        token_id=wanted.token_id,
        secret=wanted.secret,
        csr_der=wanted.csr_der,
        bound_spki_der=wanted.bound_spki_der,
        bound_signature=wanted.bound_signature,
        evidence=enrol_pb2.Evidence(hostname="máy-1"),
    )


async def status(call):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code()


async def test_an_answer_that_was_lost_is_repeated_and_the_host_keeps_its_place(office, stub):
    wanted = message(request(await office.token()))

    first = await stub.Redeem(wanted)
    again = await stub.Redeem(wanted)

    assert (again.agent_id, list(again.chain_der)) == (first.agent_id, list(first.chain_der))
    assert office.placed == [(first.agent_id, "40.412", "S1")]


async def test_a_call_whose_request_never_comes_ends(office, monkeypatch):
    short = {"grpc.max_connection_age_ms": 200, "grpc.max_connection_age_grace_ms": 100}
    monkeypatch.setattr(service, "OPTIONS", [(name, short.get(name, value)) for name, value in service.OPTIONS])
    server, port = build(office.service, "127.0.0.1:0", office.certificate.credentials())
    await server.start()
    credentials = grpc.ssl_channel_credentials(office.authority.root_pem)
    async with grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials) as channel, asyncio.timeout(60):
        await status(channel.stream_unary("/giamsat.v1.Enrol/Redeem")())
    await server.stop(None)


async def test_hostile_keys_are_refused_for_good_and_counted(office, stub):
    token = await office.token()

    outcomes = [
        await status(stub.Redeem(message(request(token, csr_der=b"garbage")))),
        await status(stub.Redeem(message(request(token, tls=fresh_key(), csr_der=csr(fresh_key())[:-9] + bytes(9))))),
        await status(stub.Redeem(message(request(token, signature=b"x")))),
    ]

    assert set(outcomes) == {grpc.StatusCode.INVALID_ARGUMENT}
    assert sum(office.service.refused_total.values()) == 3
    assert (await stub.Redeem(message(request(token)))).unit == "40.412"


async def test_a_flood_of_tries_is_counted_and_fills_no_log(office, stub):
    garbage = message(request(await office.token(), csr_der=b"garbage"))

    with capture_logs() as said:
        outcomes = [await status(stub.Redeem(garbage)) for _ in range(TRIES_PER_MINUTE + 3)]

    assert outcomes[-3:] == [grpc.StatusCode.RESOURCE_EXHAUSTED] * 3
    assert office.service.refused_total["too_many_tries"] == 3
    assert len(said) == TRIES_PER_MINUTE


async def test_a_request_larger_than_any_host_makes_is_not_read(office, stub):
    huge = enrol_pb2.RedeemRequest(token_id="t", csr_der=b"x" * 20_000)

    assert await status(stub.Redeem(huge)) is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert office.service.refused_total == {}


async def test_a_disk_that_is_full_is_a_reason_to_try_again(office, stub):
    token = await office.token()

    async def write(work):
        raise StoreError("disk full")

    office.service._store = type("Full", (), {"write": staticmethod(write)})()
    refused = await status(stub.Redeem(message(request(token))))
    office.service._store = office.store

    assert refused is grpc.StatusCode.UNAVAILABLE
    assert list(office.allow_list) == []
    assert (await stub.Redeem(message(request(token)))).agent_id


async def test_the_address_that_tried_too_often_waits_a_minute_and_another_does_not(tmp_path):
    clock = ManualClock()
    async with desk(tmp_path, clock) as office:
        allowed = [office.service._may_try("192.0.2.7") for _ in range(TRIES_PER_MINUTE + 1)]
        other = office.service._may_try("2001:db8::1")
        clock.advance(60 * 1_000_000_000)

        assert allowed == [True] * TRIES_PER_MINUTE + [False]
        assert other
        assert office.service._may_try("192.0.2.7")


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("ipv4:192.0.2.7:4711", "192.0.2.7"),
        ("ipv6:%5B2001:db8:1:2:3:4:5:6%5D:4711", "2001:db8:1:2::/64"),
        ("ipv6:[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"),
        ("ipv6:%5B::ffff:192.0.2.7%5D:4711", "::ffff:192.0.2.7"),
        ("unix:", ""),
    ],
)
def test_whoever_owns_a_network_of_ipv6_has_one_count_for_it(peer, network):
    assert _network(_address(peer)) == network


async def test_a_port_in_use_is_said_with_the_setting_to_change(office):
    own = office.authority.certificate()

    with pytest.raises(StartError, match=r"listen\.enrol"):
        build(office.service, office.address, own.credentials())


async def test_without_a_certificate_there_is_nothing_but_to_enrol_to_recover_and_to_hear_of_an_emergency(office):
    calls = [
        f"/giamsat.v1.{service}/{method.name}"
        for module in (enrol_pb2, ingest_pb2)
        for service, described in module.DESCRIPTOR.services_by_name.items()
        for method in described.methods
    ]
    credentials = grpc.ssl_channel_credentials(office.authority.root_pem)
    answered = {}
    async with grpc.aio.secure_channel(office.address, credentials) as channel:
        for call in calls:
            answered[call] = await status(channel.unary_unary(call)(b"", timeout=60))
    async with grpc.aio.secure_channel(office.ingest, credentials) as channel:
        inside = {await status(channel.unary_unary(call)(b"", timeout=60)) for call in calls}

    there = {call for call, code in answered.items() if code is not grpc.StatusCode.UNIMPLEMENTED}
    assert there == {f"/giamsat.v1.Enrol/{call}" for call in ("Redeem", "Recover", "Emergency")}
    assert inside == {grpc.StatusCode.UNAVAILABLE}, "the handshake ends there"


async def test_bytes_that_are_nothing_stop_nobody_from_enrolling(office, stub, pytestconfig):
    draw = random.Random(11)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])

    def talk(port, *, secure):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            start = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" if draw.random() < 0.5 else b""
            nothing = start + draw.randbytes(draw.randrange(1, 4_096))
            if not secure:
                plain.sendall(nothing)
                return
            with context.wrap_socket(plain, server_hostname="localhost") as line:
                line.sendall(nothing)

    for _ in range(pytestconfig.option.strays // 4):
        for port in (office.port, office.ingest_port):
            await asyncio.to_thread(talk, port, secure=False)
            await asyncio.to_thread(talk, port, secure=True)

    assert (await stub.Redeem(message(request(await office.token())))).unit == "40.412"


async def test_a_hundred_requests_for_one_use_make_one_agent(office, stub):
    office.service._may_try = lambda address: True
    token = await office.token()

    outcomes = await asyncio.gather(*(stub.Redeem(message(request(token))) for _ in range(30)), return_exceptions=True)

    assert sum(isinstance(outcome, enrol_pb2.RedeemReply) for outcome in outcomes) == 1
    assert len(list(office.allow_list)) == 1
