# SPDX-License-Identifier: Apache-2.0
"""A host with a token, and whoever stands between: one identity for each use, and no secret to anybody else."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography import x509

from giamsat_agent.enrolment import enrol, must_be_new, parse_token, read_token, split_address
from giamsat_agent.errors import EnrolmentError, IdentityError, TransportError
from giamsat_agent.uplink import identity
from giamsat_wire.clock import SystemClock
from support.authority import open_authority
from support.clock import ManualClock
from support.enrolling import HOUR_NS, desk
from support.relay import Relay


@pytest.fixture
async def office(tmp_path):
    async with desk(tmp_path / "collector") as office:
        yield office


@pytest.fixture(autouse=True)
def _folder(tmp_path):
    (tmp_path / "collector").mkdir()


async def join(office, text, folder):
    return await asyncio.to_thread(enrol, office.address, parse_token(text), folder, hostname="máy-1")


async def test_a_token_becomes_an_identity_of_its_unit(office, tmp_path):
    got = await join(office, await office.token(), tmp_path / "identity")

    leaf = x509.load_pem_x509_certificate(got.chain)
    (name,) = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert name.value == f"spiffe://giamsat/unit/40.412/agent/{got.agent_id}"
    assert identity.load(tmp_path / "identity") == got
    assert office.placed == [(got.agent_id, "40.412", "S1")]
    assert office.allow_list.find(got.agent_id).hostname == "máy-1"


async def test_a_used_token_is_refused_with_the_next_step(office, tmp_path):
    token = await office.token()
    await join(office, token, tmp_path / "one")

    with pytest.raises(EnrolmentError, match="ask the SOC about it, or for a new one"):
        await join(office, token, tmp_path / "two")

    assert not (tmp_path / "two").exists()
    assert office.service.refused_total == {"used_up": 1}


async def test_an_expired_token_is_refused(tmp_path):
    clock = ManualClock()
    clock.jump(SystemClock().wall_ns() - clock.wall_ns())
    async with desk(tmp_path / "collector", clock) as office:
        token = await office.token()
        clock.advance(HOUR_NS + 1)

        with pytest.raises(EnrolmentError, match="not accepted"):
            await join(office, token, tmp_path / "identity")
        assert office.service.refused_total == {"expired": 1}


async def test_a_wrong_secret_kills_the_token_after_five_tries(office, tmp_path):
    token = await office.token()
    head, token_id, secret, pin = token.split(".")
    wrong = f"{head}.{token_id}.{'a' * len(secret)}.{pin}"

    for number in range(5):
        with pytest.raises(EnrolmentError):
            await join(office, wrong, tmp_path / str(number))
    with pytest.raises(EnrolmentError):
        await join(office, token, tmp_path / "right")

    assert office.service.refused_total == {"wrong_secret": 5, "dead": 1}


async def test_tries_are_counted_before_anything_is_verified(office, tmp_path):
    head, _, secret, pin = (await office.token()).split(".")
    outcomes = []
    for number in range(12):
        with pytest.raises((EnrolmentError, TransportError)) as caught:
            await join(office, f"{head}.{'b' * 12}.{secret}.{pin}", tmp_path / str(number))
        outcomes.append(str(caught.value))

    assert sum("too many tries" in said for said in outcomes) == 2


async def test_a_hundred_hosts_with_one_token_make_one_agent(office, tmp_path):
    office.service._may_try = lambda address: True
    token = await office.token()

    outcomes = await asyncio.gather(
        *(join(office, token, tmp_path / f"h{number}") for number in range(100)), return_exceptions=True
    )

    assert sum(isinstance(outcome, identity.Identity) for outcome in outcomes) == 1
    assert {type(outcome) for outcome in outcomes} == {identity.Identity, EnrolmentError}


@pytest.fixture
def relay(office):
    relay = Relay(office.port)
    yield relay
    relay.close()


@contextlib.contextmanager
def impostor(folder):
    """Somebody with a root of its own, who reads whatever is said inside TLS; its port and what it heard."""
    own = open_authority(folder / "other-ca", SystemClock()).server(("127.0.0.1",))
    (folder / "chain").write_bytes(own.chain)
    (folder / "key").write_bytes(own.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain", folder / "key")
    said = []

    def listen():
        with (
            contextlib.suppress(ConnectionError),
            listener.accept()[0] as plain,
            context.wrap_socket(plain, server_side=True) as client,
        ):
            said.append(client.recv(65_536))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=listen)
        thread.start()
        yield listener.getsockname()[1], said
        thread.join()


async def test_to_another_collector_not_one_byte_is_said(office, tmp_path):
    token = parse_token(await office.token())

    with (
        impostor(tmp_path) as (port, said),
        pytest.raises(EnrolmentError, match="not the collector this token was made for"),
    ):
        await asyncio.to_thread(enrol, f"127.0.0.1:{port}", token, tmp_path / "identity", hostname="x")

    assert said in ([], [b""])  # the connection was broken off, or closed without a word
    assert not (tmp_path / "identity").exists()


async def test_a_man_in_the_middle_who_passes_everything_on_hears_no_secret(office, relay, tmp_path):
    token = parse_token(await office.token())

    await asyncio.to_thread(enrol, f"127.0.0.1:{relay.port}", token, tmp_path / "identity", hostname="x")

    assert token.id.encode() not in relay.heard
    assert token.reveal().encode() not in relay.heard


async def test_an_answer_that_was_lost_is_asked_for_again(office, relay, tmp_path):
    cuts = iter([relay.cut])
    office.service._reload = lambda: asyncio.to_thread(next(cuts, lambda: None))
    token = await office.token()

    got = await asyncio.to_thread(
        enrol, f"127.0.0.1:{relay.port}", parse_token(token), tmp_path / "identity", hostname="x"
    )

    assert next(cuts, None) is None
    assert [agent.id for agent in office.allow_list] == [got.agent_id]


async def test_an_end_of_no_known_kind_is_asked_for_again(office, tmp_path):
    """A line that breaks while the question is being written ends it as UNKNOWN, as a collector's own fault does."""
    faults = iter([RuntimeError("Stream removed")])

    async def reload():
        for fault in faults:
            raise fault

    office.service._reload = reload

    got = await join(office, await office.token(), tmp_path / "identity")

    assert next(faults, None) is None
    assert [agent.id for agent in office.allow_list] == [got.agent_id]


async def test_a_place_that_cannot_be_written_costs_no_token(office, tmp_path):
    token = await office.token()
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(IdentityError, match="cannot be written"):
        await join(office, token, tmp_path / "file" / "identity")

    assert (await join(office, token, tmp_path / "identity")).unit == "40.412"


async def test_a_host_that_is_enrolled_stays_who_it_is(office, tmp_path):
    first = await join(office, await office.token(), tmp_path / "identity")

    with pytest.raises(EnrolmentError, match=first.agent_id):
        await join(office, await office.token(), tmp_path / "identity")


def test_an_unreachable_collector_says_what_to_check(tmp_path, free_ports):
    (port,) = free_ports(1)
    token = parse_token(f"gs1.{'a' * 12}.{'b' * 26}.{'c' * 32}")

    with pytest.raises(TransportError, match="check the address, the port"):
        enrol(f"127.0.0.1:{port}", token, tmp_path / "identity", hostname="x")


@pytest.mark.parametrize("text", ["", "gs1", "gs2.a.b.c", f"gs1.{'a' * 12}.{'b' * 25}.{'c' * 32}", "gs1.ế.b.c"])
def test_a_damaged_token_is_refused_without_repeating_it(text):
    with pytest.raises(EnrolmentError, match="not a whole token") as caught:
        parse_token(text)

    assert "b" * 25 not in str(caught.value)


def test_a_token_does_not_print_its_secret():
    assert "b" * 26 not in repr(parse_token(f" GS1.{'a' * 12}.{'b' * 26}.{'c' * 32}\n"))


def test_a_token_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(EnrolmentError, match="nowhere"):
        read_token(tmp_path / "nowhere")


@pytest.mark.parametrize(("text", "address"), [("a.b:7444", ("a.b", 7444)), ("[2001:db8::1]:1", ("2001:db8::1", 1))])
def test_an_address_is_a_host_and_a_port(text, address):
    assert split_address(text) == address


@pytest.mark.parametrize("text", ["", "host", "host:", ":1", "host:0", "host:65536", "host:x"])
def test_anything_else_is_not_an_address(text):
    with pytest.raises(EnrolmentError, match="HOST:PORT"):
        split_address(text)


def test_a_folder_that_cannot_be_looked_at_is_named_before_anything_is_asked(tmp_path):
    with pytest.raises(IdentityError, match="cannot be looked at: File name too long; run as root"):
        must_be_new(tmp_path / ("x" * 300))


@pytest.mark.peer("faketime")
@pytest.mark.parametrize("off", ["+1y", "-1y"])
async def test_a_host_whose_clock_is_a_year_off_is_told_so_and_spends_nothing(office, tmp_path, off):
    config, token = tmp_path / "agent.toml", await office.token()
    config.write_text(f'state = "{tmp_path / "state"}"\n')
    words = [Path(sys.executable).parent / "giamsat-agent", "enrol", "--collector", office.address, "--config", config]

    async def enrolled(*before):
        given = {"input": token.encode(), "capture_output": True, "check": False}
        return await asyncio.to_thread(subprocess.run, [*before, *map(str, words)], **given)

    refused, right = await enrolled("faketime", "-f", off), await enrolled()

    said = " ".join(refused.stderr.decode().split())
    assert (refused.returncode, right.returncode) == (1, 0), right.stderr.decode()
    assert "this host's clock says" in said
    assert "Nothing secret was sent. Set this host's clock right" in said


async def test_a_collector_whose_clock_is_a_year_off_is_sent_no_secret(tmp_path):
    clock = ManualClock()
    clock.jump(SystemClock().wall_ns() - clock.wall_ns() + 365 * 24 * 3600 * 10**9)
    async with desk(tmp_path / "collector", clock) as office:
        token = parse_token(await office.token())

        with pytest.raises(EnrolmentError, match="tell the SOC that the collector's clock is wrong"):
            await asyncio.to_thread(enrol, office.address, token, tmp_path / "identity", hostname="máy-1")

    assert not (tmp_path / "identity").exists()
