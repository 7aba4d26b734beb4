# SPDX-License-Identifier: Apache-2.0
from support.console import Console


async def test_what_is_done_in_the_console_is_told_as_the_command_that_does_the_same():
    console = Console()
    try:
        await console.services.administered("suppress.end", "an")
    finally:
        console.close()

    assert console.told == [("collector-administered", {"giamsat.command": "suppress.end", "user.name": "an"})]
