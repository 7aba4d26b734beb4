# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a capture. A file that is broken in the middle is no error: its readable part counts."""

from giamsat_agent.errors import AgentError


class CaptureError(AgentError):
    """Nothing of the file can be read: it is missing, or no capture."""


class InterfaceError(AgentError):
    """A network interface cannot be captured now; trying again may help."""


class ListError(AgentError):
    """A list of known evil cannot be read, or holds what is none; the one before stays in force."""


class EvidenceError(AgentError):
    """Evidence cannot be written where it should be."""
