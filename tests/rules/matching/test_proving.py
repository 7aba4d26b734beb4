# SPDX-License-Identifier: Apache-2.0
import pytest

COMMAND = ("CommandLine", "process.command_line")
OTHERS = {"a": "x", "b": "x", "process.command_line": "nothing of the kind"}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("{CommandLine|contains: [Abc, de]}", (COMMAND, [{"abc", "de"}], True)),
        ("{CommandLine|contains|all: [Abc, de]}", (COMMAND, [{"abc"}, {"de"}], True)),
        ("{CommandLine|contains: abc, a: x}", (COMMAND, [{"abc"}], True)),
        ("{CommandLine|contains: abc, a: y}", (COMMAND, [{"abc"}], False)),
        ("{CommandLine|contains: abc, CommandLine|endswith: z}", (COMMAND, [{"abc"}], False)),
        ("{CommandLine|contains: abc, b|contains: zz}", (COMMAND, [{"abc"}], False)),
        ("[{CommandLine|contains: abc}, {CommandLine|contains: de}]", (COMMAND, [{"abc", "de"}], True)),
        ("{x|wide|base64offset|contains: hi}", (("x",), [{"gaaq", "aabpa", "oagka"}], True)),
    ],
)
def test_what_literals_in_one_field_prove_need_not_be_asked(rules_of, detection, selection, expected):
    proof = rules_of(detection("r", selection)).rules["r"].proof

    assert (proof.names, list(proof.literals), proof.rest(OTHERS)) == expected


@pytest.mark.parametrize(
    "selection",
    [
        "{CommandLine|contains: a}",  # shorter than what is looked for
        "{CommandLine|contains: đab}",
        "{CommandLine|contains|cased: abc}",
        "{CommandLine|contains: [abc, 'a?c']}",
        "{CommandLine|contains: 'ab*cd'}",
        "{CommandLine|startswith: abc}",
        "{CommandLine: abc}",
        "{CommandLine|re: abc}",
        "{action|contains: abc}",  # every name of it counts
        "[{CommandLine|contains: abc}, {a|contains: abc}]",
        "[abc]",
    ],
)
def test_whatever_else_is_said_of_a_field_has_to_be_asked(rules_of, detection, selection):
    assert rules_of(detection("r", selection)).rules["r"].proof is None
