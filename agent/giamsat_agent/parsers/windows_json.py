# SPDX-License-Identifier: Apache-2.0
"""A Windows event as JSON that was made from its XML: `{"Event": {"System": {…}, "EventData": {…}}}`.

Tools differ in where they put attributes and texts (evtx_dump `#attributes`, others `@`, `#text` or `Value`); what
comes of it has the names that windows_xml gives them. Wazuh puts the event behind `win.` or `data.win.`, and writes the
first letter of each name small.
"""

from collections.abc import Mapping
from typing import Final

from giamsat_agent.parsers import json_object

_SYSTEM: Final = "Event.System."
_EVENT_ID: Final = "Event.System.EventID"
_ID_NAMES: Final = (_EVENT_ID, f"{_EVENT_ID}.Value", f"{_EVENT_ID}.#text", f"{_EVENT_ID}.@text", f"{_EVENT_ID}.Text")
_WAZUH: Final = (("data.win.", "data.win.system.eventID"), ("win.", "win.system.eventID"))
"""What stands before the names that Wazuh gives, and its name of the number."""
_OF_WAZUH: Final = {
    "eventID": "EventID", "providerName": "Provider", "channel": "Channel", "computer": "Computer",
    "severityValue": "Keywords", "systemTime": "SystemTime",
}  # fmt: skip
_ATTRIBUTES: Final = {"SystemTime": "SystemTime", "Name": "Provider"}
_PARTS: Final = ("Event.EventData.", "Event.UserData.")


def values(text: str) -> dict[str, str] | None:
    """The values of an object, those of a Windows event under its own names; None when the text is none."""
    found = json_object.values(text)
    if found is None:
        return None
    for packed, number in _WAZUH:
        if number in found:
            return _of_wazuh(found, packed)
    return _event(found) if found.keys() & _ID_NAMES else found


def _event(said: Mapping[str, str]) -> dict[str, str]:
    named: dict[str, str] = {"EventID": next(said[name] for name in _ID_NAMES if name in said)}
    # The system's part first, wherever it stands: what the event's own values are called, its writer chooses.
    for name, value in sorted(said.items(), key=lambda item: not item[0].startswith(_SYSTEM)):
        last = name.rpartition(".")[2].removeprefix("@")
        if name.startswith(_PARTS) or name == f"{_SYSTEM}{last}":
            named.setdefault(last, value)
        elif name.startswith(_SYSTEM) and last in _ATTRIBUTES:
            named.setdefault(_ATTRIBUTES[last], value)
    return named


def _of_wazuh(said: Mapping[str, str], packed: str) -> dict[str, str]:
    named = {name: said[f"{packed}system.{own}"] for own, name in _OF_WAZUH.items() if f"{packed}system.{own}" in said}
    data = f"{packed}eventdata."
    for name, value in said.items():
        if name.startswith(data) and (own := name.removeprefix(data)):
            named.setdefault(own[0].upper() + own[1:], value)
    return named
