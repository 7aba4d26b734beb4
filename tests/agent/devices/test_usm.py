# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.devices.ber import BerError
from giamsat_agent.devices.usm import Said, question, said


def test_a_question_is_read_back_as_one_of_its_engine():
    assert said(question(7, engine=b"\x80\x00\x1f\x88\x04abc", user="giamsat")) == Said(b"\x80\x00\x1f\x88\x04abc", "")


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x30\x00",
        question(1)[:-4],
        b"\x30\x03\x02\x01\x03",
        question(1).replace(b"\x02\x01\x03", b"\x02\x01\x01"),
    ],
)
def test_what_is_no_answer_is_refused(datagram):
    with pytest.raises(BerError):
        said(datagram)


def test_every_cut_of_an_answer_is_refused_and_nothing_worse():
    whole = question(1, engine=b"engine", user="u" * 200)
    for place in range(len(whole)):
        with pytest.raises(BerError):
            said(whole[:place])
