# SPDX-License-Identifier: Apache-2.0
"""How far something that a rule says reaches."""

from enum import StrEnum


class Owner(StrEnum):
    """Whose it is: one asset's, or that of a whole unit."""

    ASSET = "asset"
    UNIT = "unit"
