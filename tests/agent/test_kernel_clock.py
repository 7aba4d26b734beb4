# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent import kernel_clock
from giamsat_agent.kernel_clock import TOLD_BYTES, Timex, Told, packed, unpacked


def test_this_kernel_tells_of_its_clock():
    timex, state = kernel_clock.read()

    assert 9_000 <= timex.tick <= 11_000
    assert 0 <= state <= 5


def test_what_is_handed_on_comes_back_as_it_was():
    back = unpacked(packed(Told(7, Timex(offset=-52_000, tick=10_000, tai=37), 5)))

    assert (back.mono_ns, back.state) == (7, 5)
    assert (back.timex.offset, back.timex.tick, back.timex.tai) == (-52_000, 10_000, 37)


@pytest.mark.parametrize("size", [0, TOLD_BYTES - 1, TOLD_BYTES + 1])
def test_what_has_another_size_is_refused(size):
    with pytest.raises(ValueError, match="bytes of a clock"):
        unpacked(bytes(size))


def test_as_a_program_it_says_by_its_exit_code_whether_the_kernel_tells(monkeypatch, capsys):
    kernel_clock.main()
    monkeypatch.setattr(kernel_clock, "read", forbidden)

    with pytest.raises(SystemExit) as ended:
        kernel_clock.main()

    assert ended.value.code == 1
    assert capsys.readouterr().err == "giamsat-clock: adjtimex(2) is not allowed here\n"


def forbidden():
    raise kernel_clock.ForbiddenError
