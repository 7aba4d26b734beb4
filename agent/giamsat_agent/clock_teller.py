# SPDX-License-Identifier: Apache-2.0
"""The clock process: `python -m giamsat_agent.clock_teller FOLDER`. It writes down what the kernel says of its clock.

The call that tells is the call that sets the clock, so the agent, which reads bytes of others and holds a key, is not
allowed to make it. This process reads nothing, has no network and no right to set anything.
"""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from giamsat_agent import kernel_clock
from giamsat_agent.kernel_clock import Told
from giamsat_wire.clock import Clock, SystemClock
from giamsat_wire.supervision import Supervisor

FILE: Final = "timex"
EVERY_S: Final = 15.0


def tell(folder: Path, clock: Clock) -> None:
    """Write down the kernel's answer of now, for whoever may read the folder."""
    timex, state = kernel_clock.read()
    fresh = folder / f"{FILE}.new"
    fresh.write_bytes(kernel_clock.packed(Told(clock.mono_ns(), timex, state)))
    fresh.chmod(0o644)
    fresh.replace(folder / FILE)


def keep_telling(folder: Path, clock: Clock, stopped: Callable[[float], bool]) -> None:
    """Tell until `stopped`, which is asked with the seconds to wait first."""
    supervisor = Supervisor(clock)
    tell(folder, clock)
    supervisor.ready()
    while not stopped(EVERY_S):
        tell(folder, clock)
        supervisor.alive()


def main() -> None:
    """Tell until SIGINT or SIGTERM, or say in one message why not."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        keep_telling(Path(sys.argv[1]), SystemClock(), lambda wait_s: signal.sigtimedwait(numbers, wait_s) is not None)
    except (kernel_clock.ForbiddenError, OSError) as error:
        reason = str(error) or "adjtimex(2) is not allowed here"
        print(f"giamsat-clock: {reason}", file=sys.stderr)  # noqa: T201 - the one line a person waits for
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
