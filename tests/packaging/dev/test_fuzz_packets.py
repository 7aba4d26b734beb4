# SPDX-License-Identifier: Apache-2.0
import random

import fuzz_packets


def test_mutated_captures_are_borne(seed):
    """The seed that breaks the reader is named."""
    tally, _ = fuzz_packets.fuzz(0, seed)

    assert (tally.files, tally.crashes) == (1, 0), f"fuzz_packets.py 1 {seed}"


def test_the_same_seed_makes_the_same_file():
    assert fuzz_packets.capture(random.Random(7)) == fuzz_packets.capture(random.Random(7))


def test_a_crash_is_counted_and_its_file_kept(tmp_path, monkeypatch):
    def broken(source, progress):
        raise IndexError(source, progress)

    monkeypatch.setattr(fuzz_packets, "read", broken)
    monkeypatch.setattr(fuzz_packets, "KEPT", tmp_path)
    monkeypatch.setattr(fuzz_packets, "LINKS", (1,))

    tally, _ = fuzz_packets.fuzz(0, 3)

    assert tally.crashes == 1
    assert len(list(tmp_path.iterdir())) == 1
