# SPDX-License-Identifier: Apache-2.0
"""Whatever checks a name lets no character through that could forge a line, a path or a terminal's state."""

import random

import pytest

from giamsat_agent import enrolment
from giamsat_agent.spool import recovery
from giamsat_agent.uplink import pinning
from giamsat_collector import config, notify_settings
from giamsat_collector.console import accounts
from giamsat_collector.ingest import peer
from giamsat_collector.registry import sheet
from giamsat_collector.sightings import sighting
from giamsat_collector.signing import decision
from giamsat_rules import bundle, load
from giamsat_wire import series, typed_code

UUID = "11111111-1111-4111-8111-111111111111"
TOKEN = f"gs1.{'a' * 12}.{'b' * 26}.{'c' * 32}"
VALIDATORS = {
    "unit": (decision.UNIT.match, "40.412"),
    "agent": (decision.AGENT.match, UUID),
    "server": (decision.NAME.match, "giamsat.example.gov.vn"),
    "identity": (peer.IDENTITY.match, f"spiffe://giamsat/unit/40.412/agent/{UUID}"),
    "id in a file": (sheet._ID.match, "40.412"),
    "name to listen on": (config._DNS_NAME.match, "giamsat.example.gov.vn"),
    "mail server": (notify_settings._DNS_NAME.match, "mail.example.gov.vn"),
    "address": (notify_settings._URL.match, "tcp://192.0.2.1/a"),
    "mailbox": (notify_settings._MAILBOX.match, "soc@example.gov.vn"),
    "account": (accounts.NAME.fullmatch, "nguyen.an"),
    "hardware address": (sighting.MAC.fullmatch, "02:00:00:00:00:05"),
    "segment": (sighting._SEGMENT.fullmatch, "eth0"),
    "service": (sighting._SERVICE.fullmatch, "tcp/22"),
    "metric": (series._NAME.match, "node_load1"),
    "entry of a bundle": (bundle._PATH.fullmatch, "detections/linux/a.yml"),
    "name of a rule": (load._NAME.fullmatch, "ssh_brute_force"),
    "token": (enrolment._TOKEN.match, TOKEN),
    "typed token": (typed_code._TOKEN.match, TOKEN),
    "collector": (pinning._HOST.match, "giamsat.example.gov.vn"),
    "segment file": (recovery.NAME.match, "0000000000000001.seg"),
}
HARMFUL = (
    *map(chr, (*range(33), *range(127, 161))),  # all that moves a cursor or begins a line, and blanks
    *"\u2028\u2029\u202a\u202e\u2066\u2069\u200b\u200e\ufeff\ud800\u0131\u212a\uff0e\uff0f",  # and look-alikes
)
TRIES = 100_000


@pytest.mark.parametrize("name", VALIDATORS)
def test_a_checked_name_holds_no_harmful_character_anywhere(name):
    """Not at its end either, where `$` would let a line end through."""
    valid, good = VALIDATORS[name]
    forged = [good[:at] + one + good[at + cut :] for one in HARMFUL for at in range(len(good) + 1) for cut in (0, 1)]

    assert valid(good)
    assert [each for each in forged if valid(each)] == []


def test_whatever_is_changed_in_a_name_a_checked_one_is_plain():
    rng, letters = random.Random(5), [*HARMFUL, *map(chr, range(33, 127)), "../", "\r\n", "%00", "é", "٣"]
    checks = list(VALIDATORS.values())
    let_through = []
    for number in range(TRIES):
        valid, good = checks[number % len(checks)]
        at = rng.randint(0, len(good))
        said = good[:at] + "".join(rng.choices(letters, k=rng.randint(1, 3))) + good[at + rng.randint(0, 2) :]
        if valid(said) and not (said.isascii() and said.isprintable() and " " not in said):
            let_through.append(said)

    assert let_through == []


@pytest.mark.parametrize(
    "entry", ["../a.yml", "a/../b.yml", "/a.yml", "a//b.yml", "a\\b.yml", ".a.yml", "a/.yml", "C:a.yml"]
)
def test_no_entry_of_a_bundle_leaves_its_folder(entry):
    with pytest.raises(bundle.BundleError, match="is not allowed in a bundle"):
        bundle.check_files({entry: "title: a"})
