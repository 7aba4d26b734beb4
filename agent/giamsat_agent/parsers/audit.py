# SPDX-License-Identifier: Apache-2.0
"""Records of the kernel's audit system as journald keeps them: `TYPE key=value …`, one message in several entries.

What programs say to the audit system of logins, accounts and services they say to the log as well, where it is read;
here only the kernel's own records count: programs executed, and files that a rule of auditd asked for. The kernel knows
users by their numbers.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from giamsat_agent.log import Entry
from giamsat_agent.message import Meaning
from giamsat_agent.parsers import key_value, product
from giamsat_agent.parsers.audit_records import PRODUCT, AuditRecords
from giamsat_agent.parsers.plan import of_values
from giamsat_wire.record import FieldValue

PROGRAM: Final = "audit"
RECORDS: Final = frozenset({"SYSCALL", "EXECVE", "CWD", "PATH", "CONFIG_CHANGE"})
KINDS: Final = frozenset({"process-started", "file-created", "file-deleted", "audit-log-cleared"})
_NAMED: Final[Mapping[str, str]] = {
    "user.id": "user.name",
    "user.effective.id": "user.effective.name",
    "user.audit.id": "user.audit.name",
}


class Audit:
    """Understands the audit system; `name_of` gives the name that belongs to a user's number, or ""."""

    def __init__(self, name_of: Callable[[str], str]) -> None:
        self._name_of = name_of
        self._product = product.one(PRODUCT)
        self._records = AuditRecords()

    def parse(self, entry: Entry) -> Iterable[Meaning]:
        """What one record says happened, with what the records before it said of the same message."""
        record, _, rest = entry.text.partition(" ")
        if record not in RECORDS:
            return ()
        values = key_value.audit(f"type={record} msg=audit({entry.attested.get('_AUDIT_ID', '')}): {rest}")
        meaning = self._records.join(values, of_values(self._product, values))
        # An execution is told by its arguments, which come right behind the call.
        if meaning.kind not in KINDS or record == "SYSCALL":
            return ()
        fields = {**meaning.fields, **self._names(meaning.fields)}
        if "auditd.syscall" in fields:
            # Who looks for the call finds it in the event of what belongs to it.
            fields["auditd.message_type"] = ("SYSCALL", record)
        return (Meaning(meaning.kind, fields),)

    def _names(self, fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
        said = ((name, self._name_of(str(fields[number]))) for number, name in _NAMED.items() if number in fields)
        return {name: text for name, text in said if text}
