# SPDX-License-Identifier: Apache-2.0
"""What a collector may say of itself."""

from giamsat_collector.expose.own import Reading

READING = Reading(
    version="0.1.0",
    agents={"live": 3, "silent": 1},
    streams=6,
    frames_received=100,
    frames_quarantined=1,
    frames_judged=99,
    frames_poison=2,
    broken_chains=3,
    events_late=4,
    events_clamped=5,
    refused={"unknown_agent": 7},
    enrolments_refused={"used_up": 2},
    violations={("A1", "event"): 3},
    lost_frames={("metric", "spool_full"): 8},
    verdicts=9,
    rules_loaded=12,
    rules_disabled=0,
    open_alerts={("high", "3"): 2, ("high", "unclassified"): 1},
    unit_alerts={"40.412": 3},
    apart_alerts={"maintenance": 1, "consequence": 5},
    systems={"1": 400, "5": 1},
    units=503,
    coverage={("1", "met"): 399, ("5", "unknown"): 1},
    unit_coverage={("40.412", "partly"): 2},
    availability={("S1", "40.412", "3"): 0.97},
    availability_s={("S1", "down"): 3600},
    unwatched_hosts={"40.412": 4},
    sources={"stopped": 2, "flowing": 4000},
    notified={"mail": 7},
    notify_failures={"mail": 1},
    suppressions=1,
    suppressed={"ssh_brute_force": 20},
)
