# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from giamsat_agent.devices.mib import SHOWN
from giamsat_agent.devices.mib_file import every, must_be_read, parse
from giamsat_agent.devices.profile import every as profiles

OID = re.compile(r"(\.\d+)+")
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
SHARED = re.compile(r"snmp_[a-z_]+")
ALL = [*every().values(), *(one.mib for one in profiles())]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_every_shipped_figure_can_be_asked_for_and_told(one):
    figures = [*one.scalars, *(figure for table in one.tables for figure in table.figures)]
    places = [figure.oid for figure in figures]

    assert all(OID.fullmatch(oid) for figure in figures for oid in (figure.oid, *figure.helpers))
    assert all(OID.fullmatch(oid) for table in one.tables for oid in table.labels.values())
    assert all(NAME.fullmatch(name) for table in one.tables for name in (*table.index, *table.labels))
    assert all(NAME.fullmatch(figure.name) and figure.kind in {"counter", "gauge"} for figure in figures)
    assert all(SHARED.fullmatch(name) for figure in figures for name in figure.names[1:])
    assert all(figure.shows in {"", *SHOWN} for figure in figures)
    assert len({figure.name for figure in figures}) == len(figures), "one name for two things"
    assert len(set(places)) == len(places) or one.name == "host-resources", "one object under two names"


def test_every_mib_that_a_profile_names_is_there():
    assert {name for one in profiles() for name in one.mibs} <= set(every())


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"scalars": {"fanState": {"at": ".1.3.6.1", "alsso": "snmp_part_failed"}}}, "fanState: alsso: not known"),
        ({"tables": [{"entry": ".1.3", "index": "row", "columns": {}, "label": {}}]}, "table .1.3: label: not known"),
    ],
)
def test_a_word_that_stands_for_nothing_is_refused_where_it_stands(said, why):
    with pytest.raises(ValueError, match=why):
        parse("made", said)


def test_what_may_stand_there_is_named():
    with pytest.raises(ValueError, match=r"x.yml: skalars: not known; known are scalars"):
        must_be_read({"skalars": {}}, frozenset({"scalars"}), "x.yml")
