# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giamsat_agent.devices import encode, v3_message
from giamsat_agent.devices.credential import User
from giamsat_agent.devices.v3_message import DIGESTS, KEY_BYTES, SecurityError, expanded, localized

ENGINE = bytes(11) + b"\x02"
CLOCK = (5, 100)


@pytest.mark.parametrize(
    ("hashed", "whole", "key"),
    [
        ("md5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        ("sha1", "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_keys_are_those_of_the_examples_of_rfc_3414(hashed, whole, key):
    made = expanded("maplesyrup", hashed)

    assert (made.hex(), localized(made, hashed, ENGINE).hex()) == (whole, key)


WHOLE = {
    (one, other): v3_message.whole_keys(User("an", one, other, "matkhau-dai", "matkhau-dai"))
    for one in DIGESTS
    for other in ("", *KEY_BYTES)
}


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(sorted(WHOLE)), st.binary(max_size=400), st.integers(0, (1 << 31) - 1))
def test_what_is_sealed_is_opened_by_whoever_has_the_keys_and_by_nobody_else(which, words, number):
    user = User("an", *which)
    keys = v3_message.keys_of(user, WHOLE[which], ENGINE)
    scoped = encode.sequence(encode.octets(ENGINE), encode.octets(b""), encode.octets(words))

    whole = v3_message.made(number, scoped, engine=ENGINE, clock=CLOCK, user=user, keys=keys, salt=b"12345678")
    found = v3_message.parse(whole)
    found.check(keys.signing, user.authentication)
    plain = found.opened(keys.sealing, user.privacy) if user.privacy else found.content

    assert (found.number, found.boots, found.time, found.user) == (number, *CLOCK, "an")
    assert v3_message.pdu(plain).content == words
    with pytest.raises(SecurityError, match="signature"):
        found.check(keys.signing[1:] + b"x", user.authentication)
