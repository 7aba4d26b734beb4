# SPDX-License-Identifier: Apache-2.0
import re

import yaml

from giamsat_agent.devices import thresholds
from giamsat_agent.devices.profile import every
from giamsat_rules.load import shipped

METRIC = {"product": "giamsat", "category": "metric"}
OF_EVERY_DEVICE = {"interface_error_percent", "interface_load_percent"}


def judged():
    """The parameters of the rules on each metric of a device."""
    paths = [path for path in shipped().detections.joinpath("devices").glob("*.yml") if ".cases" not in path.name]
    found = {}
    for rule in (rule for path in paths for rule in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader)):
        name = rule.get("detection", {}).get("selection", {})
        if rule.get("logsource") == METRIC and "__name__" in name:
            found.setdefault(name["__name__"], set()).update(re.findall(r"%(\w+)%", str(rule["giamsat"]["metric"])))
    return found


def test_a_figure_is_judged_by_the_parameter_that_is_named():
    rules = judged()

    assert {name: told for name, told in thresholds.named().items() if told not in rules.get(name, ())} == {}


def test_a_kind_names_what_judges_its_own_figures():
    told = {parameter for profile in every() for parameter in thresholds.of(profile)}

    assert told == set(thresholds.named().values()) - OF_EVERY_DEVICE
