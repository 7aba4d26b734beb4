# SPDX-License-Identifier: Apache-2.0
"""What can go wrong in the agent.

AgentError
├ ConfigError         the configuration is refused; nothing was started
├ EnrolmentError      this host did not become an agent; nothing was changed on it
├ IdentityError       the files that say who this agent is are missing or damaged
│ ├ NotEnrolledError  there are none: nobody has enrolled this host yet
│ └ MovedError        they are another host's
├ StateError          the state folder cannot be used by this process
├ SpoolError          frames cannot be kept on the disk now
└ TransportError      the collector cannot be reached now; trying again may help
  └ RejectedError     the collector does not accept this agent; trying again does not help
"""


class AgentError(Exception):
    """Anything the agent reports by itself; the message says what was wrong, where, and what to do."""


class ConfigError(AgentError):
    """The configuration is refused."""


class EnrolmentError(AgentError):
    """Enrolment did not happen."""


class IdentityError(AgentError):
    """Who this agent is cannot be read."""


class NotEnrolledError(IdentityError):
    """This host is not enrolled: trying again does not help."""


class MovedError(IdentityError):
    """The identity is another host's: only a person knows whether this is a copy."""


class StateError(AgentError):
    """The state folder is missing, closed to this user, or in use by another agent."""


class SpoolError(AgentError):
    """The spool cannot be written."""


class TransportError(AgentError):
    """The collector cannot be reached now."""


class RejectedError(TransportError):
    """The collector refuses this agent: revoked, unknown, or superseded."""
