# SPDX-License-Identifier: Apache-2.0
"""A Windows event in its own words, as evtsys and NXLog put it into syslog: a sentence, and values behind labels.

    4625: AUDIT_FAILURE An account failed to log on. Subject: Security ID: … Account Name: … Logon Type: 3 …

What comes of it has the names that windows_xml gives them. Names of accounts are a peer's and may hold labels: a value
that is told twice is told by nobody.
"""

import re
from typing import Final

_SOURCES: Final = ("Security-Auditing", "Eventlog", "Service_Control_Manager", "Windows_Defender")
_NAMED: Final = frozenset({*_SOURCES, *(f"Microsoft-Windows-{source}" for source in _SOURCES)})
PROGRAMS: Final = _NAMED | {name.lower() for name in _NAMED}
"""Sources of events that are read, as they stand in syslog's tag."""
_BEFORE: Final = re.compile(
    r"(?:(?P<number>\d{2,5}): )?(?:AUDIT_[A-Z]{7} )?"
    r"(?:[\w.\\$@ -]{1,256}: [\w-]{1,64} [\w .-]{1,64}: \[(?:Success|Failure) Audit\] )?"
)
"""What stands before the sentence: evtsys' number and keyword, or what syslog-ng's agent writes."""
_SENTENCES: Final = {
    "The audit log was cleared": "1102",
    "An account was successfully logged on": "4624",
    "An account failed to log on": "4625",
    "An account was logged off": "4634",
    "User initiated logoff": "4647",
    "A logon was attempted using explicit credentials": "4648",
    "Special privileges assigned to new logon": "4672",
    "A new process has been created": "4688",
    "A scheduled task was created": "4698",
    "A user account was created": "4720",
    "A user account was enabled": "4722",
    "An attempt was made to change an account's password": "4723",
    "An attempt was made to reset an account's password": "4724",
    "A user account was disabled": "4725",
    "A user account was deleted": "4726",
    "A member was added to a security-enabled global group": "4728",
    "A member was removed from a security-enabled global group": "4729",
    "A member was added to a security-enabled local group": "4732",
    "A member was removed from a security-enabled local group": "4733",
    "A user account was changed": "4738",
    "A user account was locked out": "4740",
    "A member was added to a security-enabled universal group": "4756",
    "A member was removed from a security-enabled universal group": "4757",
    "A user account was unlocked": "4767",
    "A Kerberos authentication ticket (TGT) was requested": "4768",
    "A Kerberos service ticket was requested": "4769",
    "A Kerberos service ticket was renewed": "4770",
    "Kerberos pre-authentication failed": "4771",
    "The computer attempted to validate the credentials for an account": "4776",
    "The domain controller attempted to validate the credentials for an account": "4776",
    "A service was installed in the system": "7045",
}
"""The first sentence of an event in English, and its number."""
_TARGETS: Final = (
    "Account For Which Logon Failed", "New Logon", "Account That Was Locked Out", "New Account", "Target Account",
    "Account Information",
)  # fmt: skip
_HEADS: Final = {"Subject": "Subject", "Member": "Member", **dict.fromkeys(_TARGETS, "Target")}
"""Heads of the parts that speak of an account, and whose it is."""
_OTHER_HEADS: Final = (
    "Group", "Failure Information", "Process Information", "Network Information", "Additional Information",
    "Detailed Authentication Information", "Service Information", "Attributes", "Changed Attributes",
    "Task Information",
)  # fmt: skip
_OF_ACCOUNT: Final = {
    "Subject": {
        "Account Name": "SubjectUserName", "Account Domain": "SubjectDomainName", "Domain Name": "SubjectDomainName",
    },
    "Target": {"Account Name": "TargetUserName", "Account Domain": "TargetDomainName", "Security ID": "TargetSid"},
    "Member": {"Account Name": "MemberName", "Security ID": "MemberSid"},
    "": {},
}  # fmt: skip
_NAMES: Final = {
    "Logon Type": "LogonType", "Status": "Status", "Sub Status": "SubStatus", "Failure Code": "Status",
    "Result Code": "Status", "Error Code": "Status", "Workstation Name": "WorkstationName",
    "Source Workstation": "Workstation", "Source Network Address": "IpAddress", "Client Address": "IpAddress",
    "Source Port": "IpPort", "Client Port": "IpPort", "Logon Account": "TargetUserName",
    "Caller Computer Name": "TargetDomainName", "Group Name": "TargetUserName", "Group Domain": "TargetDomainName",
    "New Process Name": "NewProcessName", "Creator Process Name": "ParentProcessName",
    "Process Command Line": "CommandLine", "Service Name": "ServiceName", "Service File Name": "ServiceFileName",
    "Task Name": "TaskName",
}  # fmt: skip
_PASSED_OVER: Final = (
    "Account Name", "Account Domain", "Domain Name", "Security ID", "Logon ID", "Failure Reason", "Caller Process ID",
    "Caller Process Name", "Logon Process", "Process ID", "Process Name", "Authentication Package", "Logon GUID",
    "Impersonation Level", "Restricted Admin Mode", "Virtual Account", "Elevated Token", "Linked Logon ID",
    "Network Account Name", "Network Account Domain", "Supplied Realm Name", "User ID", "Service ID", "Ticket Options",
    "Pre-Authentication Type", "New Process ID", "Token Elevation Type", "Mandatory Label", "Creator Process ID",
    "Service Type", "Service Start Type", "Service Account", "Task Content", "SAM Account Name", "Display Name",
    "Privileges", "Expiration time",
)  # fmt: skip
"""Labels that only end the value before them."""
_LABEL: Final = re.compile(rf"(?<=\s)({'|'.join((*_HEADS, *_OTHER_HEADS, *_NAMES, *_PASSED_OVER))}):")
_SERVICE: Final = re.compile(r"The (.{1,128}?) service (?:entered|terminated|hung|failed)\b")
_THREAT: Final = re.compile(r"\sName:\s{1,8}(\S{1,256})")
_EXPLAINED: Final = " Token Elevation Type indicates "
"""How Windows goes on to explain a value that stood long before."""
_CODED: Final = re.compile(r"#01[125]")
"""Tabs and ends of lines as syslog daemons write them."""


def values(program: str, text: str) -> dict[str, str] | None:
    """The values of an event that one of PROGRAMS tells in words; None when it is of no number that is known."""
    begun = _BEFORE.match(text)
    start = begun.end() if begun else 0
    number = (begun and begun["number"]) or _SENTENCES.get(text[start : text.find(".", start, start + 128)])
    if number is None:
        return None
    found = {"Keywords": text[:start]}
    whose = ""
    text = _CODED.sub(" ", text)
    labels = list(_LABEL.finditer(text, start))
    for label, end in zip(labels, [*(each.start() for each in labels[1:]), len(text)], strict=False):
        said = label[1]
        if said in _HEADS or said in _OTHER_HEADS:
            whose = _HEADS.get(said, "")
        elif (name := _OF_ACCOUNT[whose].get(said) or _NAMES.get(said)) is not None:
            found[name] = "" if name in found else text[label.end() : end].strip()
    if "CommandLine" in found:
        found["CommandLine"] = found["CommandLine"].partition(_EXPLAINED)[0]
    for name, pattern in (("param1", _SERVICE), ("Threat Name", _THREAT)):
        if not labels and (said_so := pattern.search(text, start)) is not None:
            found[name] = said_so[1]
    return {
        "EventID": number,
        "Provider": program.replace("_", " "),
        **{name: value for name, value in found.items() if value},
    }
