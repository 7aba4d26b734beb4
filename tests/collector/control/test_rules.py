# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from giamsat_collector.errors import RefusedError
from giamsat_collector.registry import rows
from giamsat_rules.bundle import Bundle, Trust, signed
from giamsat_rules.load import bundled
from support.candidate import candidate, edited, newer
from support.office import Office
from support.overriding import override

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([n] * 32)) for n in (1, 2)]
WHO = {"source": "/srv/rules"}
DAY = 24 * 3600 * 10**9


@pytest.fixture
def office(tmp_path):
    office = Office(tmp_path / "office")
    yield office
    office.console.close()


def texts(folder, **words):
    folders = candidate(folder, **words)
    return bundled(folders)


def sealed(office, files, serial, keys=KEYS):
    now = office.clock.wall_ns()
    return signed(Bundle("nghe-an", serial, now, now + DAY, files), keys).decode("latin-1")


async def test_other_rules_are_in_force_at_once_and_can_be_taken_back(office, tmp_path):
    shipped = (await office.do("rules.show"))["digest"]

    said = await office.do("rules.use", files=texts(tmp_path / "a", with_rule=True), dry_run=False, **WHO)
    shown = await office.do("rules.show")

    assert (said["added"], said["number"]) == (["heard_of"], 1)
    assert (shown["number"], shown["source"], shown["digest"]) == (1, "/srv/rules", said["digest"])
    assert office.ruling.force.header("heard_of") is not None
    back = await office.do("rules.back")
    assert (back["removed"], back["number"], back["digest"]) == (["heard_of"], 0, shipped)


async def test_a_preview_changes_nothing(office, tmp_path):
    before = await office.do("rules.show")

    said = await office.do("rules.use", files=texts(tmp_path / "a", with_rule=True), dry_run=True, **WHO)

    assert said["added"] == ["heard_of"]
    assert await office.do("rules.show") == before


async def test_rules_with_a_problem_are_refused_and_leave_nothing(office, tmp_path):
    folders = candidate(tmp_path / "a")
    edited(folders, "account_created", "level: medium", "level: low")
    before = await office.do("rules.show")

    with pytest.raises(RefusedError, match=r"account_created changed and is still version \d"):
        await office.do("rules.use", files=bundled(folders), dry_run=False, **WHO)

    assert await office.do("rules.show") == before


async def test_a_pack_that_systems_are_judged_by_is_not_left_out(office, tmp_path):
    office.console.place()
    system = next(iter(office.registry.systems.values()))
    office.store.now(lambda rows_: rows.put_systems(rows_, [replace(system, pack="tcvn14423-2026")]))
    office.store.now(office.registry.load)
    files = {name: text for name, text in texts(tmp_path / "a").items() if "14423" not in name}

    with pytest.raises(RefusedError, match="tcvn14423-2026: 1 systems are judged by this level pack"):
        await office.do("rules.use", files=files, dry_run=False, **WHO)


async def test_overrides_count_at_once_are_seen_in_coverage_and_end_by_themselves(office, tmp_path):
    office.console.place(asset="A1", unit="40.412", level=3)
    (system,) = office.registry.systems
    files = texts(tmp_path / "a") | {"overrides/a.yml": override("set: {clock_offset_seconds: 0.5}", of=system)}
    subject, coverage = office.registry.subject("A1"), office.coverage

    def limit():
        return coverage.judge.engine._yardstick.profile_of(subject, office.clock.wall_ns()).values[
            "clock_offset_seconds"
        ]

    before = limit()
    said = await office.do("rules.use", files=files, dry_run=False, **WHO)
    (one,) = await office.do("rules.overrides")
    during = (await office.do("coverage.show", system=system))["systems"][0]["profile"]

    assert (before, limit()) == (0.2, 0.5)
    assert said["overrides_added"] == [f"portal (system {system}, 12/QĐ, 2027-03-31): clock_offset_seconds = 0.5"]
    assert (one["force"], one["weaker"], one["systems"]) == ("now", True, [system])
    office.clock.advance(1_300 * DAY)
    assert limit() == before
    assert (await office.do("rules.overrides"))[0]["force"] == "over"
    assert (await office.do("coverage.show", system=system))["systems"][0]["profile"] != during


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (override(of="S9"), "no such system: S9"),
        (override(scope="unit", of="40.999"), "no such unit: 40.999"),
        (override(scope="asset", of="A9"), "no such asset: A9"),
        (override().replace("owner: Văn phòng\n", ""), "owner is missing"),
        (override("exclude: [web_atack]"), r"a.yml:7: there is no rule web_atack; did you mean web_attack\?"),
    ],
)
async def test_an_override_for_nobody_or_of_nothing_is_refused_and_changes_nothing(office, tmp_path, text, why):
    files = texts(tmp_path / "a") | {"overrides/a.yml": text}

    with pytest.raises(RefusedError, match=why):
        await office.do("rules.use", files=files, dry_run=False, **WHO)

    assert (await office.do("rules.show"))["number"] == 0


@pytest.mark.parametrize("name", ["../../x.yml", "/etc/x.yml", "detections/x.py", "detections/\x00.yml"])
async def test_a_file_that_would_lie_elsewhere_is_refused(office, tmp_path, name):
    with pytest.raises(RefusedError, match="not allowed"):
        await office.do("rules.use", files={**texts(tmp_path / "a"), name: "x"}, dry_run=False, **WHO)

    assert not (tmp_path / "x.yml").exists()


async def test_back_goes_one_step_at_a_time_and_says_when_there_is_none(office, tmp_path):
    await office.do("rules.use", files=texts(tmp_path / "a", with_rule=True), dry_run=False, **WHO)
    await office.do("rules.use", files=texts(tmp_path / "b", ssh_failed_logins=6), dry_run=False, **WHO)

    assert [(await office.do("rules.back"))["number"] for _ in range(2)] == [1, 0]
    with pytest.raises(RefusedError, match="nothing before"):
        await office.do("rules.back")


async def test_what_the_configuration_names_can_be_read_anew(office, tmp_path):
    folders = candidate(tmp_path / "a")
    office.ruling.configured = folders
    newer(folders, "account_created")

    said = await office.do("rules.use_configured", dry_run=False)

    assert (said["changed"], said["number"]) == (["account_created"], 0)


async def test_with_keys_only_a_bundle_that_enough_have_signed_is_taken(office, tmp_path):
    files = texts(tmp_path / "a", with_rule=True)
    with pytest.raises(RefusedError, match="no key is trusted"):
        await office.do("rules.use_bundle", bundle=sealed(office, files, 7), dry_run=False, **WHO)
    office.ruling.trust = Trust([key.public_key().public_bytes_raw() for key in KEYS], 2, "nghe-an")

    with pytest.raises(RefusedError, match="signed bundles only"):
        await office.do("rules.use", files=files, dry_run=False, **WHO)
    with pytest.raises(RefusedError, match="1 of the 2"):
        await office.do("rules.use_bundle", bundle=sealed(office, files, 7, KEYS[:1]), dry_run=False, **WHO)

    said = await office.do("rules.use_bundle", bundle=sealed(office, files, 7), dry_run=False, **WHO)
    assert said["added"] == ["heard_of"]
    assert (await office.do("rules.show"))["kept"][0]["serial"] == 7


async def test_an_older_bundle_is_refused_even_after_going_back(office, tmp_path):
    office.ruling.trust = Trust([key.public_key().public_bytes_raw() for key in KEYS], 2, "nghe-an")
    newer, older = (sealed(office, texts(tmp_path / str(n), ssh_failed_logins=n), n) for n in (7, 6))
    await office.do("rules.use_bundle", bundle=newer, dry_run=False, **WHO)
    await office.do("rules.back")

    with pytest.raises(RefusedError, match="does not follow 7"):
        await office.do("rules.use_bundle", bundle=older, dry_run=False, **WHO)
    assert (await office.do("rules.use_bundle", bundle=newer, dry_run=False, **WHO))["number"] == 2
