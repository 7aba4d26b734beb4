# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.errors import SilentError
from giamsat_agent.devices.profile import UNKNOWN
from giamsat_agent.devices.reader import AGAIN, SILENCES, Presence, Reader

IF, IF_X = ".1.3.6.1.2.1.2.2.1", ".1.3.6.1.2.1.31.1.1.1"
LOAD = ".1.3.6.1.2.1.25.3.3.1.2"


class Recorded:
    """A device that answers from what was written down, and notes what it was asked."""

    def __init__(self, objects, silent=(), *, alive=True):
        self.objects, self.silent, self.alive, self.asked = objects, silent, alive, []

    def get(self, oids):
        self._ask("get", *oids)
        return {oid: self.objects[oid] for oid in oids if oid in self.objects}

    def has(self, oid):
        self._ask("has", oid)
        return any(name.startswith(f"{oid}.") for name in self.objects)

    def walk(self, oid):
        self._ask("walk", oid)
        top = f"{oid}."
        yield [(name.removeprefix(top), value) for name, value in self.objects.items() if name.startswith(top)]

    def _ask(self, how, *oids):
        self.asked.append((how, oids[0]))
        if not self.alive or oids[0].startswith(tuple(self.silent)):
            raise SilentError(f"{oids[0]}: no answer")


def read(device):
    reader = Reader(device)
    reader.read(UNKNOWN)
    return reader


def test_columns_are_kept_by_their_rows():
    assert read(Recorded({f"{IF}.8.1": 1, f"{IF}.8.2": 2, f"{LOAD}.196608": 7})).columns == {
        f"{IF}.8": {"1": 1, "2": 2},
        LOAD: {"196608": 7},
    }


def test_a_table_that_is_not_there_costs_one_question():
    device = Recorded({f"{IF}.8.1": 1})
    read(device)

    asked = [oid for _, oid in device.asked if oid.startswith(".1.3.6.1.2.1.33")]
    assert asked == [".1.3.6.1.2.1.33"]


def test_no_column_is_asked_for_twice():
    device = Recorded({f"{IF}.8.1": 1, f"{IF_X}.1.1": b"ge-0", ".1.3.6.1.2.1.10.7.2.1.19.1": 3})
    read(device)
    walked = [oid for how, oid in device.asked if how == "walk"]

    assert len(walked) == len(set(walked))
    assert f"{IF_X}.1" not in walked, "it came with its table"


def test_a_table_that_is_silent_stops_none_of_the_others():
    found = read(Recorded({f"{IF}.8.1": 1, f"{LOAD}.1": 7}, silent=[IF_X, ".1.3.6.1.2.1.99", ".1.3.6.1.2.1.131"]))

    assert {oid for oid, _ in found.errors} == {IF_X, ".1.3.6.1.2.1.99", ".1.3.6.1.2.1.131"}
    assert {f"{IF}.8", LOAD} <= found.columns.keys()


def test_a_device_that_is_gone_is_left_after_a_few_questions():
    device = Recorded({}, alive=False)
    found = read(device)

    assert len(found.errors) == SILENCES
    assert len(device.asked) == SILENCES + 1


@pytest.mark.parametrize("silent", [[".1.3.6.1.2.1.99", ".1.3.6.1.2.1.131", ".1.3.6.1.2.1.10", ".1.3.6.1.2.1.4"]])
def test_a_device_that_is_deaf_at_places_is_asked_on(silent):
    objects = {".1.3.6.1.2.1.1.3.0": 5, ".1.3.6.1.2.1.33.1.4.1.0": 5}

    assert read(Recorded(objects, silent=silent)).columns[".1.3.6.1.2.1.33.1.4.1"] == {"0": 5}


def test_what_a_device_has_not_is_asked_for_again_only_now_and_then():
    device, presence = Recorded({f"{IF}.8.1": 1}), Presence()
    asked = []
    for _ in range(AGAIN + 1):
        device.asked.clear()
        Reader(device, presence).read(UNKNOWN)
        asked.append(sum(how == "has" for how, _ in device.asked))

    assert asked[0] == asked[AGAIN] > 5
    assert set(asked[1:AGAIN]) == {0}


def test_what_did_not_answer_is_not_held_to_be_missing():
    device, presence = Recorded({f"{LOAD}.1": 7}, silent=[".1.3.6.1.2.1.25"]), Presence()
    Reader(device, presence).read(UNKNOWN)
    device.silent = ()
    again = Reader(device, presence)
    again.read(UNKNOWN)

    assert again.columns[LOAD] == {"1": 7}


def test_what_tells_the_kind_is_asked_once_for_many_polls():
    device, presence = Recorded({LOAD: 7}), Presence()
    said = [Reader(device, presence).answered([LOAD, IF]) for _ in range(AGAIN + 1)]

    assert said == [frozenset({LOAD})] * (AGAIN + 1)
    assert device.asked == [("get", LOAD)] * 2


def test_a_question_without_an_answer_is_asked_again():
    device, presence = Recorded({LOAD: 7}, silent=[LOAD]), Presence()
    first = Reader(device, presence).answered([LOAD])
    device.silent = ()

    assert (first, Reader(device, presence).answered([LOAD])) == (frozenset(), {LOAD})
