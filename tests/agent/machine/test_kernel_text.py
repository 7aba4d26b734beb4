# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent.machine.kernel_text import TEXT_BYTES, attribute, text
from giamsat_agent.sensor import NothingToRead


def test_a_missing_file_says_what_would_provide_it(tmp_path):
    with pytest.raises(NothingToRead, match="nothing: không có / does not exist; it is provided by Linux 9"):
        text(str(tmp_path / "nothing"), provided_by="Linux 9")


def test_a_file_that_is_too_large_is_refused(tmp_path):
    (tmp_path / "large").write_bytes(b"x" * (TEXT_BYTES + 1))

    with pytest.raises(ValueError, match="larger than"):
        text(str(tmp_path / "large"), provided_by="a test")


def test_a_file_longer_than_one_answer_of_the_kernel_is_read_whole(tmp_path):
    (tmp_path / "long").write_text("line\n" * 100_000)

    assert text(str(tmp_path / "long"), provided_by="a test") == "line\n" * 100_000


def test_bytes_that_are_no_text_are_carried_readably(tmp_path):
    (tmp_path / "odd").write_bytes(b"caf\xe9 \xc4\x91\n")

    assert text(str(tmp_path / "odd"), provided_by="a test") == "caf\\xe9 đ\n"


def test_an_attribute_that_is_refused_is_none(tmp_path):
    assert attribute(str(tmp_path / "missing")) is None
    assert attribute(str(tmp_path)) is None
