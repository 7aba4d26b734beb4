# SPDX-License-Identifier: Apache-2.0
import pytest
from jinja2 import UndefinedError

from giamsat_collector.console.theme import Theme


def test_templates_escape_what_they_are_given_name_files_by_edition_and_refuse_what_they_are_not_given():
    theme = Theme()
    template = theme.templates.from_string("{{ asset('console.css') }} {{ said }}")

    assert template.render(said="<b>") == f"{theme.assets.address('console.css')} &lt;b&gt;"
    with pytest.raises(UndefinedError, match="said"):
        template.render()
