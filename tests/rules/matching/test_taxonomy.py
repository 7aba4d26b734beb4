# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_rules.matching.taxonomy import ECS, getter, names


@pytest.mark.parametrize(
    ("field", "event", "value"),
    [
        ("CommandLine", {"process.command_line": "x"}, "x"),
        ("CommandLine", {"CommandLine": "own", "process.command_line": "x"}, "own"),
        ("Image", {"process.name": "n", "process.executable": "/n"}, "/n"),
        ("cs-uri-query", {"url.query": "a=1"}, "a=1"),
        ("query", {"dns.question.name": "example.vn"}, "example.vn"),
        ("source.ip", {"source.ip": "::1"}, "::1"),
        ("src_ip", {}, None),
        ("cs-uri-query", {"url.original": "/a?b=1", "url.query": "b=1"}, ("/a?b=1", "b=1")),
        ("cs-uri-query", {"cs-uri-query": "b=1"}, "b=1"),
        ("cs-uri-query", {}, None),
        ("a1", {"auditd.data.a1": "/etc/shadow"}, "/etc/shadow"),
        ("type", {"event.code": "EXECVE"}, "EXECVE"),
        ("host", {"host.name": "proxy", "url.domain": "evil.example"}, "evil.example"),
        ("TargetObject", {"registry.path": "HKLM"}, "HKLM"),
        ("GrantedAccess", {"winlog.event_data.GrantedAccess": "0x1010"}, "0x1010"),
        ("TargetUserName", {"group.name": "Administrators", "user.target.name": "CN=eve"}, "Administrators"),
        ("TargetDomainName", {"user.target.domain": "SRV1", "user.domain": "CORP"}, "SRV1"),
        ("granted", {"winlog.event_data.granted": "x"}, None),
    ],
)
def test_a_field_is_read_under_its_own_name_first_and_then_under_those_of_ecs(field, event, value):
    assert getter(field)(event) == value


def test_no_name_stands_for_itself():
    assert not [field for field in ECS if field in names(field)[1:]]
