# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.config import Config
from giamsat_collector.errors import StartError
from giamsat_collector.parts import Parts
from giamsat_collector.rulebook import opening
from support.clock import ManualClock
from support.signers import signers_of


async def test_the_signer_opens_its_keys_while_the_rules_are_read(tmp_path, monkeypatch):
    meanwhile, opened = [], opening.opened

    def watched(*words):
        meanwhile.extend(signers_of(tmp_path))
        return opened(*words)

    monkeypatch.setattr(opening, "opened", watched)
    async with Parts.opened(Config(data=str(tmp_path)), ManualClock()) as parts:
        assert parts.authority.signer.trust.roots

    assert len(meanwhile) == 1
    assert signers_of(tmp_path) == []


async def test_the_signer_ends_when_the_rules_cannot_be_read(tmp_path, monkeypatch):
    def refused(*_):
        raise StartError("the rules cannot be read")

    monkeypatch.setattr(opening, "opened", refused)
    with pytest.raises(StartError, match="cannot be read"):
        async with Parts.opened(Config(data=str(tmp_path)), ManualClock()):
            pass

    assert signers_of(tmp_path) == []
