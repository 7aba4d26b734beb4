# SPDX-License-Identifier: Apache-2.0
"""What the console looks like, whoever reads it: files, languages and templates, read once."""

from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from giamsat_collector.console.assets import Assets
from giamsat_collector.console.language import Languages


class Theme:
    """Everything that is the same for every console of this version."""

    def __init__(self) -> None:
        self.assets: Final = Assets()
        self.languages: Final = Languages()
        self.templates: Final = Environment(
            loader=PackageLoader("giamsat_collector.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals["asset"] = self.assets.address
