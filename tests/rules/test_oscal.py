# SPDX-License-Identifier: Apache-2.0
"""The shapes of OSCAL 1.1.2 as far as we use them: what is required, and what points where."""

import re
from uuid import UUID

import pytest

from giamsat_rules.load import load_obligations, shipped
from giamsat_rules.oscal import CATALOG, files

TOKEN = re.compile(r"\A[A-Za-z_][A-Za-z0-9_.-]*\Z")
INSTANT = "2026-11-29T08:00:00+00:00"
METADATA = {"title", "last-modified", "version", "oscal-version"}


@pytest.fixture
def written(shipped_rules, shipped_pack):
    return files(shipped_rules, shipped_pack, load_obligations(shipped().pack), INSTANT)


@pytest.fixture
def catalog(written):
    return written[CATALOG]["catalog"]


def controls(catalog):
    return [control for group in catalog["groups"] for control in group["controls"]]


def every(value, key):
    """Every value under a key, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from every(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from every(inner, key)


def test_a_catalog_and_five_profiles_say_what_they_are(written):
    assert sorted(written) == [CATALOG, *(f"level-{level}.json" for level in range(1, 6))]
    for document in written.values():
        (body,) = document.values()
        assert body["metadata"].keys() >= METADATA
        assert body["metadata"]["oscal-version"] == "1.1.2"
        assert UUID(body["uuid"]).version == 5
    assert len({uuid for document in written.values() for uuid in every(document, "uuid")}) == len(written)


def test_identifiers_are_tokens_and_none_is_given_twice(written, catalog):
    found = [*every(written[CATALOG], "id")]

    assert [one for one in found if not TOKEN.match(one)] == []
    assert len(found) == len(set(found))
    assert len(controls(catalog)) > 150


def test_whatever_a_profile_imports_or_sets_stands_in_the_catalog(written, catalog):
    known = {control["id"] for control in controls(catalog)}
    parameters = {each["id"] for each in catalog["params"]}
    for level in range(1, 6):
        profile = written[f"level-{level}.json"]["profile"]
        (imported,) = profile["imports"]
        (chosen,) = imported["include-controls"]
        assert imported["href"] == CATALOG
        assert set(chosen["with-ids"]) <= known
        assert {each["param-id"] for each in profile["modify"]["set-parameters"]} <= parameters


def test_a_level_imports_what_it_owes_and_sets_what_it_is_judged_by(written):
    three, two = (written[f"level-{level}.json"]["profile"] for level in (3, 2))

    ours, theirs = (set(next(every(each, "with-ids"))) for each in (three, two))
    assert "monitor.network" in ours - theirs
    assert "rule.scheduled_job_changed" in ours - theirs
    assert {"param-id": "ssh_failed_logins", "values": ["8"]} in three["modify"]["set-parameters"]


def test_no_property_is_empty_and_what_was_not_checked_against_the_standard_says_so(written):
    for document in written.values():
        properties = [one for some in every(document, "props") for one in some]
        assert all(one["value"] == one["value"].strip() != "" for one in properties)
        assert "no" in {one["value"] for one in properties if one["name"] == "verified-against-the-standard"}


def test_the_same_pack_gives_the_same_files(written, shipped_rules, shipped_pack):
    assert files(shipped_rules, shipped_pack, load_obligations(shipped().pack), INSTANT) == written
