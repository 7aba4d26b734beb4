# SPDX-License-Identifier: Apache-2.0
import random
import ssl
import subprocess

import pytest

from giamsat_agent.packets.payloads import tls
from support.capture import CLIENT, SERVER, pcap
from support.handshakes import certificate, segments, spoken
from support.peers import program


@pytest.fixture(scope="module")
def turns(tmp_path_factory):
    return spoken(certificate(tmp_path_factory.mktemp("tls")), alpn=("h2", "http/1.1"))


def hello(turns, number):
    return next(body for _, body, whole in tls.messages(turns[number][1]) if whole)


@pytest.mark.peer("tshark")
def test_hellos_say_what_tshark_reads(turns, tmp_path):
    names = (
        "tls.handshake.ciphersuite",
        "tls.handshake.extension.type",
        "tls.handshake.sig_hash_alg",
        "tls.handshake.extensions_server_name",
        "tls.handshake.extensions_alpn_str",
    )
    path = pcap(tmp_path / "x", segments(CLIENT, SERVER, turns))
    words = [program("tshark"), "-r", path, "-Y", "tls.handshake.type <= 2", "-T", "fields", "-E", "occurrence=a"]
    words += [word for name in names for word in ("-e", name)]
    said = subprocess.run(list(map(str, words)), capture_output=True, check=True, text=True).stdout
    peer = [line.split("\t") for line in said.splitlines()]

    def numbers(text):
        return tuple(int(one, 0) for one in text.split(",") if one)

    client, server = tls.client_hello(hello(turns, 0)), tls.server_hello(hello(turns, 1))
    for ours, theirs in zip((client, server), peer, strict=True):
        assert ours.ciphers == numbers(theirs[0])
        assert ours.extensions == numbers(theirs[1])
    assert client.signatures == numbers(peer[0][2])
    assert client.server_name == peer[0][3] == "dichvucong.example"
    assert b",".join(client.protocols).decode() == peer[0][4] == "h2,http/1.1"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_3])
def test_a_server_says_which_version_was_chosen(tmp_path, version):
    turns = spoken(certificate(tmp_path), version=version)

    assert tls.server_hello(hello(turns, 1)).versions == (int(version),)


def test_a_name_with_bytes_that_no_name_has_is_none(turns):
    body = hello(turns, 0)

    assert tls.client_hello(body.replace(b"dichvucong", b"dichvu\x1b\nng")).server_name == ""
    assert tls.client_hello(body.replace(b"dichvucong", b"DichVuCong")).server_name == "dichvucong.example"


def test_numbers_that_mean_nothing_are_left_out():
    grease = [high << 12 | 0x0A00 | high << 4 | 0x0A for high in range(16)]

    assert [number for number in range(1 << 16) if tls.is_grease(number)] == sorted(grease)


def test_whatever_bytes_come_they_are_read_or_refused(turns):
    rng = random.Random(7)
    for read, body in ((tls.client_hello, hello(turns, 0)), (tls.server_hello, hello(turns, 1))):
        for length in range(len(body)):
            assert read(body[:length]) is None or length > 34
        for _ in range(3_000):
            broken = bytearray(body)
            for _ in range(rng.randrange(1, 6)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            read(bytes(broken))
            list(tls.messages(bytes(broken)))
            tls.is_over(bytes(broken))


def test_messages_may_be_cut_over_records_and_records_hold_several(turns):
    stream = turns[1][1]
    kinds = [kind for kind, _, whole in tls.messages(stream) if whole]

    assert kinds[:2] == [tls.SERVER_HELLO, tls.CERTIFICATE]
    assert kinds[-1] == tls.HELLO_DONE
    body = b"".join(kind.to_bytes(1) + len(said).to_bytes(3) + said for kind, said, _ in tls.messages(stream))
    head = b"\x16\x03\x03"
    cut = b"".join(head + len(part).to_bytes(2) + part for part in (body[at : at + 7] for at in range(0, len(body), 7)))
    assert list(tls.messages(cut)) == list(tls.messages(stream))
    assert not tls.is_over(stream)
    assert tls.is_over(stream + b"\x14\x03\x03\0\x01\x01")
