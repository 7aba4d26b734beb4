# SPDX-License-Identifier: Apache-2.0
"""Why bytes from the other end are refused.

WireError
├ EmergencyError     an emergency statement or key is not believed
└ MalformedError     these bytes will never be readable: quarantine them
  ├ OversizedError   larger than `limits` allows, before or after decompression
  └ ChainError       a delta frame whose keyframe is not known
"""


class WireError(Exception):
    """Anything wrong with what the other end sent."""


class EmergencyError(WireError):
    """A statement or a key is refused; the message says why and what to do."""


class MalformedError(WireError):
    """The bytes cannot be understood, now or later."""


class OversizedError(MalformedError):
    """The bytes are, or would become, larger than the limit named in the message."""


class ChainError(MalformedError):
    """A metric frame that continues a chain whose beginning was never seen."""
