# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a device. Each says which of the two ends to look at."""

from giamsat_agent.errors import AgentError


class DeviceError(AgentError):
    """The device was not read."""


class SilentError(DeviceError):
    """Nothing came back in time: wrong address, closed port, or a community the device does not know."""


class RefusedError(DeviceError):
    """The device answered and refused: unknown user, wrong key, or not allowed to see this."""


class CutError(RefusedError):
    """The device ended its answers where they may have been too long: fewer rows at once will tell."""


class UserError(RefusedError):
    """The device does not accept the user: its name or one of its keys."""


class CredentialError(DeviceError):
    """The credentials themselves cannot be used."""


class RangeError(DeviceError):
    """A range of addresses cannot be searched."""
