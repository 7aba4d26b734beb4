# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.parsers.oracle_audit import values

HEAD = "Oracle Audit[9]: "


def test_the_names_of_each_kind_of_record_are_the_same():
    records = [
        HEAD + 'USERID:[2] "SA" ACTION:[3] "100" RETURNCODE:[1] "0"',
        HEAD + "ACTION :[3] '100' DATABASE USER:[2] 'SA' STATUS:[1] '0'",
        'Oracle Unified Audit[9]: DBUSER:"SA" ACTION:"100" RETCODE:"0"',
        'Oracle Audit[9]: [ID 748625 local7.warning] USERID:[2] "SA" ACTION:[3] "100" RETURNCODE:[1] "0"',
    ]

    assert [values(record) for record in records] == [{"USERID": "SA", "ACTION": "100", "RETURNCODE": "0"}] * 4


@given(st.text())
def test_a_value_is_as_long_as_its_length_says_whatever_stands_in_it(name):
    length = len(name.encode("utf-8", "backslashreplace"))
    found = values(f'{HEAD}TERMINAL:[{length}] "{name}" RETURNCODE:[4] "1017"')

    assert found["RETURNCODE"] == "1017"
    assert found["TERMINAL"].encode() == name.encode("utf-8", "backslashreplace")


def test_a_code_that_a_client_forges_past_a_wrong_length_is_no_success():
    found = values(HEAD + 'TERMINAL:[9] "x" RETURNCODE:[1] "0" RETURNCODE:[4] "1017"')

    assert found["RETURNCODE"] == "0 1017"


@pytest.mark.parametrize("text", ["Oracle Database 19c", "Oracle Audit[9] USERID", "Oracle Audit[x]: "])
def test_what_is_no_record_is_none(text):
    assert values(text) is None


@given(st.text())
def test_a_record_that_is_cut_or_damaged_is_read_as_far_as_it_goes(rest):
    assert set(values(HEAD + 'USERID:[2] "SA" ' + rest)) >= {"USERID"}
