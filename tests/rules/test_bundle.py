# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from giamsat_rules import bundle
from giamsat_rules.bundle import BYTES, STEP, Bundle, Trust, opened, signed
from giamsat_rules.errors import BundleError

DAY = 24 * 3600 * 10**9
NOW = 1000 * DAY
KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([n] * 32)) for n in range(1, 5)]
TRUST = Trust([key.public_key().public_bytes_raw() for key in KEYS[:3]], 2, "ninh-binh")
GOOD = Bundle("ninh-binh", 7, NOW - DAY, NOW + DAY, {"detections/a/b.yml": "title: x\n"})


def refused(text, *, last=None, now_ns=NOW, trust=TRUST):
    with pytest.raises(BundleError) as caught:
        opened(text, trust, last=last, now_ns=now_ns)
    return str(caught.value)


def test_a_bundle_that_enough_have_signed_is_opened_whole():
    found = opened(signed(GOOD, KEYS[:2]), TRUST, last=None, now_ns=NOW)

    assert replace(found, digest="") == GOOD


@pytest.mark.parametrize(
    ("change", "keys", "what"),
    [
        ({}, KEYS[:1], "1 of the 2 trusted keys"),
        ({}, [KEYS[0], KEYS[0]], "1 of the 2 trusted keys"),
        ({}, [KEYS[0], KEYS[3]], "1 of the 2 trusted keys"),
        ({"expires_ns": NOW}, KEYS[:2], "expired"),
        ({"made_ns": NOW + DAY}, KEYS[:2], "clock"),
        ({"audience": "ha-nam"}, KEYS[:2], "for 'ha-nam'"),
        ({"files": {"../../etc/passwd.yml": ""}}, KEYS[:2], "not allowed"),
        ({"files": {"/etc/a.yml": ""}}, KEYS[:2], "not allowed"),
        ({"files": {"a/..b/c.yml": ""}}, KEYS[:2], "not allowed"),
        ({"files": {"a\0.yml": ""}}, KEYS[:2], "not allowed"),
        ({"files": {"a.py": ""}}, KEYS[:2], "not allowed"),
        ({"files": {"a.yml": 1}}, KEYS[:2], "not allowed"),
        ({"files": {"ａ.yml": ""}}, KEYS[:2], "not allowed"),
        ({"serial": -1}, KEYS[:2], "cannot be read"),
        ({"serial": 7}, KEYS[:2], "does not follow"),
        ({"serial": 6}, KEYS[:2], "does not follow"),
        ({"serial": 7 + STEP + 1}, KEYS[:2], "beyond"),
    ],
)
def test_a_bundle_that_is_not_in_order_is_refused_with_the_reason(change, keys, what):
    before = replace(GOOD, files={"other.yml": ""}, digest="another")

    assert what in refused(signed(replace(GOOD, **change), keys), last=before)


def test_a_bundle_of_another_role_is_refused(monkeypatch):
    monkeypatch.setattr(bundle, "ROLE", "agents")
    text = signed(GOOD, KEYS[:2])
    monkeypatch.undo()

    assert "not for rules" in refused(text)


def test_the_bundle_in_force_is_not_older_than_itself():
    text = signed(GOOD, KEYS[:2])
    last = opened(text, TRUST, last=None, now_ns=NOW)

    assert opened(text, TRUST, last=last, now_ns=NOW) == last


@pytest.mark.parametrize(
    "text",
    [
        b"",
        bundle.MAGIC,
        bundle.MAGIC + b"x" * 100_000,
        bundle.MAGIC + b"[1]\n{}",
        bundle.MAGIC + b'{"signatures": 5}\n{}',
        bundle.MAGIC + b"[" * 10_000 + b"\n{}",
        b"x" * (BYTES + 1),
    ],
)
def test_what_is_no_bundle_is_refused(text):
    assert refused(text)


@given(st.data())
def test_no_byte_can_be_changed_and_nothing_cut_off(data):
    text = signed(GOOD, KEYS[:2])
    head = text.index(b"\n", len(bundle.MAGIC)) + 1
    at = data.draw(st.integers(head, len(text) - 1))
    changed = bytearray(text)
    changed[at] ^= data.draw(st.integers(1, 255))

    assert "have signed these bytes" in refused(bytes(changed))
    assert refused(text[:at])


def test_nothing_of_a_payload_is_read_before_it_is_believed(monkeypatch):
    monkeypatch.setattr(bundle, "_read", lambda payload, trust: pytest.fail("it was read"))

    assert refused(signed(GOOD, [KEYS[3]]))


def test_even_what_trusted_keys_signed_may_be_nonsense(monkeypatch):
    monkeypatch.setattr(bundle, "payload_of", lambda _: b'{"files": 5}')

    assert "cannot be read" in refused(signed(GOOD, KEYS[:2]))
