# SPDX-License-Identifier: Apache-2.0
"""When calls come as evenly as those of a beacon (ATT&CK T1071, T1029).

Evenness is the median distance from the median of the pauses, divided by that median: 0 for a clock, 0.15 for pauses
that vary by 30 % to both sides, 0.25 by 50 %, about 0.7 for calls at random. Floors: 20 calls at no more than 0.2, 10
at 0.05, or 40 at 0.3.
"""

from itertools import pairwise
from statistics import median
from typing import Final

from giamsat_wire.clock import SECOND_NS

CALLS, EVEN = 20, 0.2
CALLS_OF_A_CLOCK, EVEN_AS_A_CLOCK = 10, 0.05
MANY_CALLS, EVEN_ENOUGH = 40, 0.3
SAME_NS: Final = 3 * SECOND_NS
"""What begins within so short a time is one call."""
PAUSE_NS: Final = 24 * 3600 * SECOND_NS
"""After so long nothing goes on."""
LEAST_SPAN_NS: Final = 90 * SECOND_NS
EVEN_BY_DESIGN: Final = (22, 25, 53, 110, 123, 143, 853, 993, 995, 1883, 5060, 5222, 5223, 5228, 8883, 10050, 10051)
"""SSH polls, mail, DNS, NTP, DNS over TLS, MQTT, SIP, XMPP, push services of phones, MQTT over TLS, Zabbix."""


def is_even(times: list[int]) -> bool:
    """Whether calls at these times, in nanoseconds and sorted, come as evenly as a beacon's."""
    if len(times) < CALLS_OF_A_CLOCK or times[-1] - times[0] < LEAST_SPAN_NS:
        return False
    pauses = _pauses(times)
    usual = median(pauses)
    spread = median(abs(pause - usual) for pause in pauses) / usual
    if len(times) >= CALLS:
        return spread <= (EVEN_ENOUGH if len(times) >= MANY_CALLS else EVEN)
    return spread <= EVEN_AS_A_CLOCK


def period_s(times: list[int]) -> int:
    """The usual pause between calls at these times, in seconds."""
    return round(median(_pauses(times)) / SECOND_NS)


def _pauses(times: list[int]) -> list[int]:
    return [after - before for before, after in pairwise(times)]
