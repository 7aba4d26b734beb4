# SPDX-License-Identifier: Apache-2.0
"""A device that answers from what is written down of it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Written:
    """Objects by their full names."""

    objects: dict[str, Any]
    address: str = "192.0.2.1:161"

    def get(self, oids):
        return {oid: self.objects[oid] for oid in oids if oid in self.objects}

    def has(self, oid):
        return any(name.startswith(f"{oid}.") for name in self.objects)

    def walk(self, oid):
        top = f"{oid}."
        yield [(name.removeprefix(top), value) for name, value in self.objects.items() if name.startswith(top)]
