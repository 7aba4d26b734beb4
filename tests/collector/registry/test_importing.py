# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_collector.registry.importing import read_assets, read_systems, read_units
from giamsat_collector.registry.record import Asset, AssetKind, System, Unit, UnitKind
from giamsat_collector.registry.sheet import BYTES

PACKS = ("tcvn11930-2017", "tcvn14423-2026")


def units(text):
    return read_units(text.encode(), "units.csv")


def systems(text):
    return read_systems(
        ("id,name,unit,level,pack,example\n" + text).encode(), "systems.csv", {"40.412", "40.413"}, PACKS
    )


def problems(read):
    return [str(problem) for problem in read.problems]


def test_a_unit_is_read_with_its_name_in_nfc():
    read = units("code,name_vi,kind\n40.412,Thành phố Vinh,district\n")

    assert read.records == (Unit("40.412", "Thành phố Vinh", UnitKind.DISTRICT),)
    assert not read.problems


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem():
    read = read_units("\ufeffcode,name_vi,kind\r\na,Sở A,department\r\n".encode(), "u")

    assert [unit.name for unit in read.records] == ["Sở A"]


def test_a_system_keeps_its_pack_and_its_mark_as_an_example():
    assert systems("S1,Cổng,40.412,3,tcvn14423-2026,yes\n").records == (
        System("S1", "Cổng", "40.412", 3, "tcvn14423-2026", example=True),
    )


def test_every_problem_is_named_with_file_line_field_and_remedy():
    read = systems("S1,Cổng,40.412,6,,\n,Cổng,40.412,1,,\nS3,,40.412,1,,\nS4,x,40.4122,1,,\nS1,x,40.412,1,,\n")

    assert problems(read) == [
        "systems.csv:2: level: '6' is not one of 1, 2, 3, 4, 5",
        "systems.csv:3: id: is empty; every row needs an id of its own",
        "systems.csv:4: name: must have 1 to 200 characters, has 0",
        "systems.csv:5: unit: '40.4122' is not registered; did you mean '40.412', or import the units first",
    ]


def test_an_id_twice_names_the_line_it_stood_in_first():
    read = systems("S1,a,40.412,1,,\nS1,b,40.412,1,,\n")

    assert problems(read) == ["systems.csv:3: id: 'S1' stands in line 2 already; remove one"]


def test_a_mistyped_column_is_answered_with_the_right_one():
    read = units("code,nam_vi,kind\n")

    assert problems(read) == [
        "units.csv:1: header: no such column: 'nam_vi'; did you mean 'name_vi'?",
        "units.csv:1: header: the column 'name_vi' is missing; the first line names the columns",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"code,name_vi,kind\na,S\xe1,department\n", "not UTF-8 at line 2"),
        (b"x" * (BYTES + 1), "larger than 8 MiB"),
        (b'code,name_vi,kind\na,"b,district\n', "not CSV"),
        (b"code,name_vi,kind\na,b\0,district\n", "NUL"),
        (b"code,name_vi,kind\na,b,district,4\n", "more cells"),
        (b"", "is missing"),
    ],
)
def test_bad_bytes_are_refused_with_what_to_do(data, said):
    assert said in problems(read_units(data, "u"))[0]


def test_text_a_spreadsheet_would_run_stays_text():
    (unit,) = units("code,name_vi,kind\na,=cmd|'/c calc'!A0,district\n").records

    assert unit.name == "=cmd|'/c calc'!A0"


def test_an_asset_belongs_to_the_systems_it_names():
    data = b"id,name,kind,unit,systems\nA1,srv,host,u,S1 S2\nA2,sw,device,u,S9\n"

    read = read_assets(data, "assets.csv", {"u"}, {"S1", "S2"})

    assert read.records == (Asset("A1", "srv", AssetKind.HOST, "u", ("S1", "S2")),)
    assert "'S9' is not registered" in problems(read)[0]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    read = read_units(data, "u")

    assert read.problems or not read.records or all(unit.id and unit.name for unit in read.records)
