# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from pathlib import Path

import pytest

from giamsat_collector.commands.offering import Given, complaints, offered
from giamsat_collector.config import Config
from giamsat_collector.errors import RefusedError
from giamsat_rules.bundle import Bundle, signed
from giamsat_rules.key import private_key
from giamsat_rules.load import Folders, bundled, load_rules, shipped
from giamsat_rules.override import Scope
from giamsat_wire.clock import SystemClock
from support.candidate import candidate, edited
from support.overriding import override, written
from support.signing import key_pair

NOBODY = {scope: frozenset() for scope in Scope}


def test_overrides_come_beside_what_is_in_force_and_are_looked_at_once(tmp_path):
    overrides = written(tmp_path / "o", override(of="S9", expires="2020-01-01"))
    given = replace(shipped(), overrides=overrides)

    with offered(Given(overrides=overrides), Config(), shipped()) as offer:
        assert offer.folders == given
        assert "overrides/o0.yml" in offer.arguments["files"]
    fresh, again = complaints(given, shipped(), NOBODY), complaints(given, given, NOBODY)

    assert [f"{overrides / 'o0.yml'}:1: " in one for one in fresh] == [True, True]
    assert "ended on 2020-01-01" in fresh[0]
    assert "no such system: S9" in fresh[1]
    assert again == ()


def test_a_folder_stands_on_the_pack_in_force_unless_it_brings_one(tmp_path):
    folders = candidate(tmp_path)

    with offered(Given(folders.detections), Config(), shipped()) as offer:
        assert (offer.folders.pack, offer.command) == (shipped().pack, "rules.use")
    with offered(Given(folders.detections, folders.pack), Config(), shipped()) as offer:
        assert offer.folders == folders
        assert "detections/accounts/account_created.yml" in offer.arguments["files"]


def test_a_bundle_is_opened_when_it_is_to_be_believed_and_gone_afterwards(tmp_path):
    private, public = key_pair(tmp_path)
    now = SystemClock().wall_ns()
    files = bundled(shipped())
    (tmp_path / "b").write_bytes(signed(Bundle("x", 1, now, now + 10**12, files), [private_key(private)]))
    config = Config.parse(f'[rules]\nkeys = ["{public}"]\naudience = "x"\n', "c.toml")

    with offered(Given(tmp_path / "b"), config, shipped()) as offer:
        assert offer.command == "rules.use_bundle"
        assert load_rules(offer.folders.detections).rules.keys() == load_rules(shipped().detections).rules.keys()

    assert not offer.folders.detections.exists()
    with pytest.raises(RefusedError, match="no key is trusted"), offered(Given(tmp_path / "b"), Config(), shipped()):
        pass


@pytest.mark.parametrize(("name", "text", "said"), [("absent", None, "cannot be read"), ("x", "x", "neither a folder")])
def test_what_is_neither_is_refused_with_what_to_give(tmp_path, name, text, said):
    if text:
        (tmp_path / name).write_text(text)

    with pytest.raises(RefusedError, match=said), offered(Given(tmp_path / name), Config(), shipped()):
        pass


def test_a_folder_without_rules_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "README.txt").touch()

    with (
        pytest.raises(RefusedError, match="no rule stands in this folder"),
        offered(Given(tmp_path), Config(), shipped()),
    ):
        pass


def test_the_shipped_rulebook_gives_no_reason_to_complain():
    elsewhere = Folders(Path("/nowhere"), Path("/nowhere"))

    assert complaints(shipped(), elsewhere, NOBODY) == ()


def test_cases_that_fail_and_rules_without_words_are_complained_of(tmp_path):
    folders = candidate(tmp_path)
    edited(folders, "account_created", "event.action: user-account-created", "event.action: something-else")
    edited(folders, "account_locked_out", "    vi:", "    xx:")

    found = "\n".join(complaints(folders, shipped(), NOBODY))

    assert "account_created.cases.yml:" in found
    assert "account_locked_out.yml:" in found
