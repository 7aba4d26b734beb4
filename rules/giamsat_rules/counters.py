# SPDX-License-Identifier: Apache-2.0
"""What an engine did not judge, or did not tell."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Disabled rules and why, events whose time was not to be believed, and what each filter hid."""

    disabled: dict[str, str] = field(default_factory=dict)
    clamped: int = 0
    hidden: dict[str, int] = field(default_factory=dict)

    def hide(self, name: str) -> None:
        """Count one event that a filter kept from a rule."""
        self.hidden[name] = self.hidden.get(name, 0) + 1
