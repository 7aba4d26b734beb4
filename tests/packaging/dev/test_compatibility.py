# SPDX-License-Identifier: Apache-2.0
"""Changes of a small protocol, seeded one at a time: which are refused, with which words, and which are welcome."""

import compatibility
import pytest
from google.protobuf import text_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

PROMISED = """
file {
  name: "greet.proto" package: "greet" syntax: "proto3"
  message_type {
    name: "Hello"
    field { name: "who" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
    field { name: "mood" number: 2 label: LABEL_OPTIONAL type: TYPE_ENUM type_name: ".greet.Mood" oneof_index: 0 }
    field { name: "times" number: 3 label: LABEL_OPTIONAL type: TYPE_UINT32 oneof_index: 0 }
    oneof_decl { name: "how" }
    nested_type { name: "Inner" field { name: "deep" number: 1 label: LABEL_OPTIONAL type: TYPE_BYTES } }
    enum_type { name: "Tone" value { name: "SOFT" number: 0 } }
    reserved_range { start: 7 end: 8 }
  }
  enum_type { name: "Mood" value { name: "CALM" number: 0 } value { name: "GLAD" number: 1 } }
  service { name: "Greeter" method { name: "Greet" input_type: ".greet.Hello" output_type: ".greet.Hello" } }
}
"""


@pytest.fixture
def promised():
    return text_format.Parse(PROMISED, FileDescriptorSet())


@pytest.fixture
def changed(promised):
    """The one file of a copy, to be changed."""
    copy = FileDescriptorSet()
    copy.CopyFrom(promised)
    return copy.file[0]


def breaks(promised, changed: FileDescriptorProto):
    return compatibility.breaks(promised, FileDescriptorSet(file=[changed]))


def test_no_change_is_no_break(promised, changed):
    assert breaks(promised, changed) == []


def remove_field(file):
    del file.message_type[0].field[0]


def renumber_field(file):
    file.message_type[0].field[0].number = 9


def retype_field(file):
    file.message_type[0].field[0].type = file.message_type[0].field[0].TYPE_BYTES


def repeat_field(file):
    file.message_type[0].field[0].label = file.message_type[0].field[0].LABEL_REPEATED


def reuse_number(file):
    file.message_type[0].field[0].name = "whom"


def leave_oneof(file):
    file.message_type[0].field[2].ClearField("oneof_index")


def point_elsewhere(file):
    file.message_type[0].field[1].type_name = ".greet.Hello.Tone"


def free_reserved_number(file):
    del file.message_type[0].reserved_range[:]


def retype_nested_field(file):
    file.message_type[0].nested_type[0].field[0].type = file.message_type[0].field[0].TYPE_STRING


def remove_nested_enumeration(file):
    del file.message_type[0].enum_type[:]


def remove_message(file):
    del file.message_type[:]


def remove_value(file):
    del file.enum_type[0].value[1]


def rename_value(file):
    file.enum_type[0].value[1].name = "HAPPY"


def remove_call(file):
    del file.service[0].method[:]


def stream_call(file):
    file.service[0].method[0].client_streaming = True


def answer_otherwise(file):
    file.service[0].method[0].output_type = ".greet.Hello.Inner"


def remove_service(file):
    del file.service[:]


def move_package(file):
    file.package = "greet.v2"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (remove_field, "greet.Hello.who: removed; its number 1 and its name must be reserved"),
        (renumber_field, "greet.Hello.who: number 1 became 9"),
        (retype_field, "number 1 was 'who TYPE_STRING LABEL_OPTIONAL', is now 'who TYPE_BYTES LABEL_OPTIONAL'"),
        (repeat_field, "is now 'who TYPE_STRING LABEL_REPEATED'"),
        (reuse_number, "is now 'whom TYPE_STRING LABEL_OPTIONAL'"),
        (leave_oneof, "was 'times TYPE_UINT32 LABEL_OPTIONAL oneof how', is now 'times TYPE_UINT32 LABEL_OPTIONAL'"),
        (point_elsewhere, "is now 'mood TYPE_ENUM .greet.Hello.Tone LABEL_OPTIONAL oneof how'"),
        (free_reserved_number, "greet.Hello: number 7 was reserved for ever, and is free again"),
        (retype_nested_field, "greet.Hello.Inner: number 1 was"),
        (remove_nested_enumeration, "greet.Hello.Tone: enumeration removed"),
        (remove_message, "greet.Hello: message removed"),
        (remove_value, "greet.Mood.GLAD: value 1 removed"),
        (rename_value, "greet.Mood: value 1 was GLAD, is now HAPPY"),
        (remove_call, "greet.Greeter.Greet: call removed"),
        (stream_call, "greet.Greeter.Greet: signature changed"),
        (answer_otherwise, "greet.Greeter.Greet: signature changed"),
        (remove_service, "greet.Greeter: service removed"),
        (move_package, "greet.proto: removed, or its package or syntax changed"),
    ],
)
def test_a_change_that_an_older_end_would_misread_is_refused(promised, changed, change, said):
    change(changed)

    (line,) = breaks(promised, changed)
    assert said in line


def add_field(file):
    file.message_type[0].field.add(name="also", number=4, label=1, type=9)


def add_message(file):
    file.message_type.add(name="Bye")


def add_value(file):
    file.enum_type[0].value.add(name="SAD", number=2)


def add_call(file):
    file.service[0].method.add(name="Leave", input_type=".greet.Hello", output_type=".greet.Hello")


def retire_field(file):
    remove_field(file)
    file.message_type[0].reserved_range.add(start=1, end=2)
    file.message_type[0].reserved_name.append("who")


@pytest.mark.parametrize("change", [add_field, add_message, add_value, add_call, retire_field])
def test_what_an_older_end_can_ignore_is_welcome(promised, changed, change):
    change(changed)

    assert breaks(promised, changed) == []


def test_a_retired_number_is_never_given_out_again(promised, changed):
    retire_field(changed)
    again = FileDescriptorProto()
    again.CopyFrom(changed)
    del again.message_type[0].reserved_range[:]
    again.message_type[0].field.add(name="what", number=1, label=1, type=9)

    assert "number 1 was reserved for ever" in "".join(breaks(FileDescriptorSet(file=[changed]), again))


def test_what_is_recorded_is_what_is_read_back(promised, tmp_path, monkeypatch):
    monkeypatch.setattr(compatibility, "BASELINE", tmp_path / "baseline.txtpb")
    compatibility.record(promised)

    assert compatibility.baseline() == promised


def test_an_incompatible_change_is_never_recorded(promised, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(compatibility, "BASELINE", tmp_path / "baseline.txtpb")
    monkeypatch.setattr("sys.argv", ["compatibility.py", "--record"])
    compatibility.record(promised)

    assert compatibility.main() == 1
    assert compatibility.baseline() == promised
    assert "keep the old, and add the new beside it" in capsys.readouterr().out


def test_no_file_of_the_wire_is_left_out_of_what_is_promised():
    written = {f"giamsat/v1/{path.name}" for path in compatibility.BASELINE.parent.glob("*.proto")}

    assert {file.name for file in compatibility.current().file} == written
    assert {file.name for file in compatibility.baseline().file} == written
