# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from giamsat_agent.parsers.key_value import audit, looks, pairs, parameters
from giamsat_agent.parsers.parsed_line import VALUES_MOST

VALUES = st.dictionaries(
    st.from_regex(r"[a-z_][a-z0-9_]{0,10}", fullmatch=True),
    st.text(st.characters(exclude_categories=("Cs",))),
    max_size=8,
)


@given(values=VALUES)
def test_what_is_written_in_quotes_is_read_back(values):
    escaped = {key: value.replace("\\", "\\\\").replace('"', '\\"') for key, value in values.items()}

    assert pairs(" ".join(f'{key}="{value}"' for key, value in escaped.items())) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=1 b=two", {"a": "1", "b": "two"}),
        ("a=1, b=2; c=3.", {"a": "1", "b": "2", "c": "3."}),
        ('action:"Drop"; src:"192.0.2.1"', {"action": "Drop", "src": "192.0.2.1"}),
        (
            "time=1|i/f_dir=in|product=VPN-1 & FireWall-1|src=192.0.2.1|",
            {
                "time": "1",
                "i/f_dir": "in",
                "product": "VPN-1 & FireWall-1",
                "src": "192.0.2.1",
            },
        ),
        ("list=a,b,c next=1", {"list": "a,b,c", "next": "1"}),
        ("a= b=2", {"a": "", "b": "2"}),
        ("a=1 a=2", {"a": "1"}),
        ("src=192.0.2.1:80:X1", {"src": "192.0.2.1:80:X1"}),
    ],
)
def test_pairs_are_read_as_devices_write_them(text, values):
    assert pairs(text) == values


def test_a_line_of_pairs_is_bounded():
    assert len(pairs(" ".join(f"k{number}=v" for number in range(3 * VALUES_MOST)))) == VALUES_MOST


def test_only_a_text_that_begins_with_a_pair_looks_like_pairs():
    assert looks('date=2026 time="x"')
    assert not looks("hello a=1")


def test_the_message_inside_an_audit_record_is_read_too():
    values = audit("type=USER_AUTH msg=audit(1.000:2): pid=3 msg='op=PAM acct=\"bob\" res=failed'")

    assert (values["acct"], values["res"], values["msg"]) == ("bob", "failed", "audit(1.000:2):")


def test_an_executed_command_of_the_audit_log_is_put_together():
    said = audit('type=EXECVE msg=audit(1.1:7): argc=4 a0="curl" a1="-T" a2=2F6574632F61206220C491 a3="10"')

    assert said["proctitle"] == "curl -T /etc/a b đ 10"


def test_a_text_the_audit_log_encodes_is_read_and_a_number_of_a_system_call_stays_one():
    said = audit('type=SYSCALL msg=audit(1.1:7): syscall=59 a0=61 comm=6120620A exe="/bin/sh" a1=ABC')
    command = audit("type=USER_CMD msg=audit(1.1:7): pid=1 msg='cwd=\"/\" cmd=636174202F657463 res=success'")

    assert (said["a0"], said["comm"], said["exe"], said["a1"]) == ("61", "a b\n", "/bin/sh", "ABC")
    assert command["cmd"] == "cat /etc"


@given(
    st.lists(
        st.sampled_from(
            ['a="x y"', "b=1", "b=", 'c="', "d='e'", "a.b=2", "=", " ", "é=ü", 'f="\\"', "g=h=i", "k:", ";", "\t", "x"]
        )
    ).map(" ".join)
    | st.text("ab=\" \\;,':.-é\t|")
)
@example(" ".join(f"n{number}=1" for number in range(VALUES_MOST + 2)))
@example(" ".join(f"n{number}=1" for number in range(VALUES_MOST)))
def test_a_text_of_nothing_but_pairs_is_read_as_they_are_read_anywhere(text):
    alone, behind_other_words = pairs(text), pairs(f"; {text}")

    assert list(alone.items()) == list(behind_other_words.items())


@pytest.mark.parametrize(
    ("structured", "values"),
    [
        ('[junos@2636.1 a-b="1" c="d e"]', {"a-b": "1", "c": "d e"}),
        (r'[junos@2636.1 a="x\"y" b="[0\]"]', {"a": 'x"y', "b": "[0]"}),
        ('[junos@2636.1 a="1" a="2" ]', {"a": "1"}),
        (r'[a:"1"; __b:"c[d\]"; e:"f; g:h"]', {"a": "1", "__b": "c[d]", "e": "f; g:h"}),
        (r'[a:"x\"; src:\"192.0.2.66"; src:"203.0.113.9"]', {"a": 'x"; src:"192.0.2.66', "src": "203.0.113.9"}),
        ('[a@1 b="c"][d@1 e="f"]', {"b": "c", "e": "f"}),
    ],
)
def test_parameters_are_read_as_each_sender_writes_them(structured, values):
    assert parameters(structured) == values


def test_a_backslash_stands_for_itself_where_it_guards_nothing():
    assert pairs(r'user="CORP\bob" file="C:\x\"y\"" said="a\\b\]"') == {
        "user": r"CORP\bob", "file": r'C:\x"y"', "said": r"a\b]",
    }  # fmt: skip
