# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.guard import Guard
from giamsat_rules.readings.state import AssetState
from giamsat_rules.suppression import Suppression, Suppressions
from giamsat_rules.telling import told
from giamsat_rules.verdict import Subject

ROOT, BOOT = (("mountpoint", "/"),), (("mountpoint", "/boot"),)


@pytest.fixture
def tell(shipped_rules, shipped_pack):
    rule, state, suppressions = shipped_rules.rules["disk_nearly_full"], AssetState(), Suppressions()

    def tell(*groups, at_ns=1, hiding=()):
        suppressions.every = hiding
        found = {group: (at_ns, dict(group)) for group in groups}
        said = told(
            rule,
            shipped_pack.profile(3),
            Subject("A1", 3),
            found,
            at_ns,
            state=state,
            suppressions=suppressions,
            holds=Guard().run,
        )
        return [(verdict.change, dict(verdict.group)) for verdict in said], sum(suppressions.hidden.values())

    return tell


def test_each_group_is_told_once_and_the_end_when_none_is_left(tell):
    said = [tell(*groups)[0] for groups in ((ROOT,), (ROOT, BOOT), (BOOT,), (), ())]

    root, boot = dict(ROOT), dict(BOOT)
    assert said == [[("raised", root)], [("raised", boot)], [], [("cleared", boot)], []]


def test_what_is_hidden_is_counted_once_and_told_when_that_ends(tell):
    hiding = (Suppression(1, None, lambda _fields: False, 0, 100, 0),)

    said = [tell(ROOT, at_ns=at_ns, hiding=hiding) for at_ns in (1, 2, 100)]

    assert said == [([], 1), ([], 1), ([("raised", dict(ROOT))], 1)]
