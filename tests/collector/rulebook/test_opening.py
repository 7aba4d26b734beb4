# SPDX-License-Identifier: Apache-2.0
from datetime import UTC

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from giamsat_collector.config import Rules
from giamsat_collector.errors import RefusedError, StartError
from giamsat_collector.rulebook import opening
from giamsat_collector.rulebook.shelf import About, Shelf
from giamsat_rules.load import Folders, bundled, shipped

ACCOUNTS = Folders(shipped().detections / "accounts", shipped().pack)
HOST = Folders(shipped().detections / "integrity", shipped().pack)


@pytest.fixture
def shelf(tmp_path):
    """Three rulebooks, each taken in after the one before, the third in force."""
    made = Shelf(tmp_path / "rules")
    for number in (1, 2, 3):
        made.put(About(number, "/a", "an", taken_ns=1, follows=number - 1), bundled(ACCOUNTS))
        made.choose(number)
    return made


def spoil(shelf, number):
    (shelf.folders(number).pack / "obligations.yml").write_text("[")


def test_folders_that_are_not_named_are_those_shipped(tmp_path):
    assert opening.configured(Rules()) == Folders(shipped().detections, shipped().pack, None)
    ours = opening.configured(Rules(detections=str(tmp_path), overrides=str(tmp_path / "o")))
    assert ours == Folders(tmp_path, shipped().pack, tmp_path / "o")


def test_without_keys_nothing_has_to_be_signed_and_a_file_without_a_key_is_refused(tmp_path):
    assert opening.trust(Rules()) is None
    (tmp_path / "an.pem").write_text("no key")
    with pytest.raises(StartError, match=r"an\.pem: no public key"):
        opening.trust(Rules(keys=(str(tmp_path / "an.pem"),), audience="nghe-an"))


def test_named_keys_are_trusted_for_the_named_audience(tmp_path):
    key = Ed25519PrivateKey.generate().public_key()
    (tmp_path / "an.pem").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    trust = opening.trust(Rules(keys=(str(tmp_path / "an.pem"),), audience="nghe-an"))
    assert (trust.keys, trust.threshold, trust.audience) == ([key.public_bytes_raw()], 1, "nghe-an")


def test_the_rulebook_taken_in_last_is_in_force_else_the_newest_before_it_that_can_be_read(shelf):
    assert opening.in_force(shelf, HOST, UTC)[0] == 3
    spoil(shelf, 3)
    spoil(shelf, 2)
    number, book = opening.in_force(shelf, HOST, UTC)
    assert (number, book.folders) == (1, shelf.folders(1))


def test_when_none_can_be_read_the_configuration_is_in_force_or_the_start_is_refused(shelf, tmp_path):
    for number in (1, 2, 3):
        spoil(shelf, number)
    number, book = opening.in_force(shelf, HOST, UTC)
    assert (number, book.folders) == (0, HOST)
    with pytest.raises(RefusedError):
        opening.in_force(shelf, Folders(tmp_path / "none", HOST.pack), UTC)


def test_what_judges_is_made_of_the_rules_in_force(shelf, tmp_path):
    made = []
    rules = opening.opened(Rules(), tmp_path / "rules", UTC, made.append)

    assert made == [rules.force.book]
    assert (rules.force.number, rules.force.book.folders) == (3, shelf.folders(3))
    assert (rules.configured, rules.trust) == (shipped(), None)
