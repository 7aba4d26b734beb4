# SPDX-License-Identifier: Apache-2.0
"""The server at enrolment is believed by the root that the token names, and by nothing else."""

import asyncio
import socket
import threading

import pytest
from cryptography import x509

from giamsat_agent.errors import EnrolmentError, TransportError
from giamsat_agent.uplink.pinning import PIN_BYTES, pinned_root, presented
from giamsat_collector.signing.possession import spki_sha256
from giamsat_wire.clock import SystemClock
from support.authority import open_authority
from support.enrolling import desk


async def test_the_root_the_token_names_is_found_in_what_the_server_presents(tmp_path):
    async with desk(tmp_path) as office:
        chain = await asyncio.to_thread(presented, "127.0.0.1", office.port)

        root = pinned_root(chain, office.authority.root_spki_sha256[:PIN_BYTES], "here")

    assert root == office.authority.root_pem


async def test_another_root_is_refused_and_both_are_named(tmp_path):
    async with desk(tmp_path) as office:
        chain = await asyncio.to_thread(presented, "127.0.0.1", office.port)
        own = office.authority.root_spki_sha256[:PIN_BYTES]
    other = open_authority(tmp_path / "other", SystemClock()).root_spki_sha256[:PIN_BYTES]

    with pytest.raises(EnrolmentError, match="Nothing secret was sent") as caught:
        pinned_root(chain, other, "here")

    assert own.hex() in str(caught.value)
    assert other.hex() in str(caught.value)


@pytest.mark.parametrize("of", ["the old root", "the new root"])
async def test_during_a_rotation_tokens_of_either_root_find_it_and_never_one_that_another_vouches_for(tmp_path, of):
    async with desk(tmp_path) as office:
        old = office.authority.root
        office.authority.keys.rotate()
        await office.follow()
        wanted = old if of == "the old root" else office.authority.root
        chain = await asyncio.to_thread(presented, "127.0.0.1", office.port)

        pem = pinned_root(chain, spki_sha256(wanted.public_key())[:PIN_BYTES], "here")

    assert len(chain) == 5
    assert x509.load_pem_x509_certificate(pem) == wanted


async def test_an_issuer_below_the_root_is_not_taken_for_it(tmp_path):
    async with desk(tmp_path) as office:
        chain = await asyncio.to_thread(presented, "127.0.0.1", office.port)

    with pytest.raises(EnrolmentError):
        pinned_root(chain[:-1], office.authority.root_spki_sha256[:PIN_BYTES], "here")


def test_a_name_that_is_mistyped_is_told_from_a_line_that_is_down():
    with pytest.raises(
        TransportError, match=r"không tìm được tên soc\.\.example.*no address is found for soc\.\.example"
    ):
        presented("soc..example", 7444)


def test_a_server_that_speaks_no_tls_is_said_to():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer():
            client, _ = server.accept()
            with client:
                client.recv(4096)
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(TransportError, match="no TLS answer"):
            presented("127.0.0.1", port)
        thread.join(60)
