# SPDX-License-Identifier: Apache-2.0
"""What a collector says of the rules in force, and of an exchange."""

from giamsat_rules.load import shipped

KEPT = {"number": 2, "source": "/srv/b", "actor": "an", "taken_ns": 1_800_014_400 * 10**9, "follows": 0, "serial": 7}
SHOWN = {
    "number": 2,
    "source": "/srv/b",
    "packs": ["tcvn11930-2017 1.0.0", "tcvn14423-2026 1.0.0"],
    "digest": "ab12",
    "rules": 56,
    "left_out": ["a.yml:1: wrong; right it"],
    "disabled": {"slow": "it used too much"},
    "signed_only": False,
    "detections": str(shipped().detections),
    "levels": str(shipped().pack),
    "overrides": "",
    "kept": [KEPT],
}
TAKEN = {
    "added": ["heard_of"],
    "removed": [],
    "changed": [],
    "unchanged": 56,
    "packs_added": ["own-2027"],
    "packs_removed": [],
    "overrides_added": ["portal (system S1, 12/QĐ, 2027-03-31): ssh_failed_logins = 12"],
    "overrides_removed": [],
    "levels": [
        {
            "pack": "tcvn11930-2017",
            "level": 3,
            "rules_added": [],
            "rules_removed": [],
            "values": {"ssh_failed_logins": [8.0, 6.0]},
        }
    ],
    "number": 3,
    "digest": "cd34",
}
