# SPDX-License-Identifier: Apache-2.0
import random
import time

import fuzz
import fuzz_targets
import pytest
from fuzz_targets import Target

SECONDS = 0.15


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    return tuple(fuzz_targets.targets(tmp_path_factory.mktemp("fuzz")))


def reads(target, seed):
    try:
        target.read(seed)
    except target.refusals:
        return False
    return True


def test_every_target_reads_what_it_is_given_when_all_is_well(targets):
    """Otherwise only the beginning of its parser would be tried. Two know nobody who could be right."""
    refusing = {target.name for target in targets if not all(reads(target, seed) for seed in target.seeds)}

    assert refusing == {"client certificate", "certificate request"}


def test_no_parser_of_outside_bytes_ends_in_anything_but_a_refusal(targets, seed):
    """What crashes is kept in .build/fuzz and named."""
    rng = random.Random(seed)

    assert {target.name: fuzz.tried(target, SECONDS, rng)[1] for target in targets} == dict.fromkeys(
        (target.name for target in targets), 0
    )


def test_a_parser_that_crashes_or_hangs_is_found_out_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fuzz, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(fuzz, "LONGEST_S", 0.05)

    def read(data):
        if b"\xff" in data:
            raise KeyError(data)
        if data[:1] == b"\x00":
            until = time.thread_time() + 0.06
            while time.thread_time() < until:
                pass

    runs, crashes = fuzz.tried(Target("bad", read, (ValueError,), (b"abc",)), 1.0, random.Random(1))

    assert crashes == 2
    assert "KeyError at test_fuzz.py" in capsys.readouterr().out
    assert len(list((tmp_path / "kept").iterdir())) == 2
    assert runs > 10


def test_changes_stay_within_the_bound():
    rng = random.Random(1)

    assert max(len(fuzz.changed(bytes(60_000), [bytes(60_000)], rng)) for _ in range(50)) <= fuzz.BYTES
