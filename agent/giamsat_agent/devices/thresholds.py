# SPDX-License-Identifier: Apache-2.0
"""By which parameters of a level pack a kind of device is judged; the values stand in the packs alone."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from itertools import chain
from typing import Final

import yaml

from giamsat_agent.devices import mib_file
from giamsat_agent.devices.profile import Profile

_FILE: Final = "thresholds.yml"


@cache
def named() -> Mapping[str, str]:
    """The parameter that judges a figure which devices of all makers share, by the figure's name."""
    text = resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=yaml.CSafeLoader))


def of(profile: Profile) -> tuple[str, ...]:
    """The parameters that judge a kind's own figures."""
    own = (profile.mib, *(mib_file.every()[name] for name in profile.mibs))
    figures = chain.from_iterable((*each.scalars, *chain(*(table.figures for table in each.tables))) for each in own)
    shared = {name for figure in figures for name in (*figure.also.values(), *figure.share.values(), figure.dates)}
    return tuple(sorted({named()[name] for name in shared & named().keys()}))
