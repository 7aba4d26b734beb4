# SPDX-License-Identifier: Apache-2.0
import datetime as dt
import random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from giamsat_agent.packets.payloads.x509 import validity
from support.handshakes import certificate


@pytest.mark.parametrize(("begins", "ends", "issued"), [(-30, 365, True), (-9_000, 12_000, False)])
def test_what_a_certificate_says_is_what_cryptography_reads(tmp_path, begins, ends, issued):
    known = x509.load_pem_x509_certificate(certificate(tmp_path, begins=begins, ends=ends, issued=issued).read_bytes())
    der = known.public_bytes(Encoding.DER)

    said = validity(der)

    moments = [dt.datetime.fromtimestamp(at / 1e9, dt.UTC) for at in (said.not_before_ns, said.not_after_ns)]
    assert moments == [known.not_valid_before_utc, known.not_valid_after_utc]
    assert said.self_signed is not issued
    assert validity(der[:-80]) == said
    assert validity(der[:80]) is None


def test_whatever_bytes_come_they_are_read_or_refused(tmp_path):
    known = x509.load_pem_x509_certificate(certificate(tmp_path).read_bytes())
    der, rng = known.public_bytes(Encoding.DER), random.Random(3)
    for _ in range(5_000):
        broken = bytearray(der[: rng.randrange(len(der) + 1)])
        for _ in range(min(len(broken), rng.randrange(1, 6))):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        validity(bytes(broken))
