# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_agent import safe_start
from giamsat_agent.config import Config, Restarts, Sensors
from giamsat_agent.errors import ConfigError, StateError
from giamsat_agent.safe_start import Mode, Start
from support.clock import ManualClock

MINUTE_NS = 60 * 1_000_000_000


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def configured(tmp_path):
    return Start(Mode.CONFIGURED, Config(state=str(tmp_path), restarts=Restarts(last_good_after=2, safe_after=4)))


@pytest.fixture
def worked(tmp_path, configured):
    """A configuration that carried the agent for a while."""
    path = tmp_path / "agent.toml"
    path.write_text(f'state = "{tmp_path}"\n[sensors]\nperiod_s = 7\n')
    safe_start.proved(tmp_path, path)
    return path


def started(configured, clock, times):
    """The mode of each of so many starts, none of which ended well."""
    modes = []
    for _ in range(times):
        modes.append(safe_start.begun(configured, clock).mode)
        clock.advance(MINUTE_NS)
    return modes


def test_after_crashes_it_starts_as_it_last_worked_and_then_with_the_least(configured, clock, worked):
    assert started(configured, clock, 6) == [
        Mode.CONFIGURED,
        Mode.CONFIGURED,
        Mode.LAST_GOOD,
        Mode.LAST_GOOD,
        Mode.SAFE,
        Mode.SAFE,
    ]


def test_without_a_configuration_that_worked_there_is_only_the_least(configured, clock):
    assert started(configured, clock, 5) == [Mode.CONFIGURED] * 4 + [Mode.SAFE]


def test_crashes_of_long_ago_do_not_count(configured, clock):
    started(configured, clock, 4)
    clock.advance(10 * MINUTE_NS)

    assert safe_start.begun(configured, clock).mode is Mode.CONFIGURED


def test_an_agent_that_ended_in_order_or_ran_for_a_while_has_not_crashed(configured, clock, tmp_path, worked):
    for well in (safe_start.ended_well, lambda state: safe_start.proved(state, worked)):
        started(configured, clock, 4)
        well(tmp_path)

        assert safe_start.begun(configured, clock).mode is Mode.CONFIGURED


def test_a_clock_that_was_set_back_makes_no_crashes(configured, clock):
    started(configured, clock, 4)
    clock.jump(-(10**18))

    assert safe_start.begun(configured, clock).mode is Mode.CONFIGURED


def test_it_can_be_switched_off(tmp_path, clock):
    never = Start(Mode.CONFIGURED, Config(state=str(tmp_path), restarts=Restarts(last_good_after=0, safe_after=0)))

    assert set(started(never, clock, 60)) == {Mode.CONFIGURED}


def test_with_the_least_nothing_is_read_or_listened_to_and_the_collector_is_the_same(configured, clock):
    started(configured, clock, 4)

    safe = safe_start.begun(configured, clock)

    assert len(safe.config.sensors.disabled) > 20
    assert (safe.config.collector, safe.config.state) == (configured.config.collector, configured.config.state)
    assert "4 crashes" in safe.why


def test_a_configuration_that_is_refused_gives_way_to_the_last_that_worked(tmp_path, worked):
    worked.write_text("sensors = 7")

    start = safe_start.loaded(worked, tmp_path)

    assert (start.mode, start.config.sensors) == (Mode.LAST_GOOD, Sensors(period_s=7))
    assert "agent.toml" in start.why


def test_when_none_has_worked_the_refusal_stands(tmp_path):
    (tmp_path / "agent.toml").write_text("sensors = 7")

    with pytest.raises(ConfigError):
        safe_start.loaded(tmp_path / "agent.toml", tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"a": 1}', b'["x"]'])
def test_a_note_of_starts_that_is_damaged_keeps_nothing_from_starting(configured, clock, tmp_path, content):
    (tmp_path / safe_start.STARTS).write_bytes(content)

    assert safe_start.begun(configured, clock).mode is Mode.CONFIGURED


def test_a_state_folder_is_held_by_one_agent_at_a_time(tmp_path):
    with (
        safe_start.alone(tmp_path),
        pytest.raises(StateError, match="another agent is running"),
        safe_start.alone(tmp_path),
    ):
        pass


def test_systemd_says_where_the_state_is_when_the_configuration_cannot(monkeypatch, tmp_path):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))

    assert safe_start.usual_state() == tmp_path
