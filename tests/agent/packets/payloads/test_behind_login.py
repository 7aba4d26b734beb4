# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.packets.payloads import behind_login
from giamsat_agent.packets.payloads.behind_login import begins, words

SMB1, SMB2 = b"\0\0\0\x23\xffSMB", b"\0\0\0\x44\xfeSMB\x40\0\0\0"
PACKETS = [getattr(behind_login, name) for name in dir(behind_login) if name.endswith(("_asks", "_welcomes"))]


@pytest.mark.parametrize(
    ("tells", "behind", "before"),
    [
        (behind_login.mysql_asks, b"\x09\0\0\0\x03SELECT 1", b"\x01\0\0\0\x01"),
        (behind_login.postgres_asks, b"Q\0\0\0\x0dSELECT 1\0", b"p\0\0\0\x28md5"),
        (behind_login.postgres_welcomes, b"R\0\0\0\x0c\0\0\0\x0cv=xyR\0\0\0\x08\0\0\0\0S", b"R\0\0\0\x17\0\0\0\x0a"),
        (behind_login.tds_welcomes, b"\4\1\1\x60\0\0\1\0\xe3", b"\4\1\0\x60\0\0\1\0\xaa"),
        (behind_login.mongo_welcomes, b"\x08done\0\1\1ok\0", b"\x08done\0\0\1ok\0"),
        (behind_login.smb_asks, SMB2 + bytes(4) + b"\3\0", SMB2 + bytes(4) + b"\1\0"),
        (behind_login.smb_asks, SMB1 + b"\x75", SMB1 + b"\x73"),
        (behind_login.smb_asks, b"\0\0\1\0\xfdSMB", b"\0\0\1\0\xfd"),
        (behind_login.smb_welcomes, SMB2 + bytes(4) + b"\3\0", SMB2 + b"\x22\0\0\xc0\3\0"),
        (behind_login.smb_welcomes, SMB1 + b"\x75" + bytes(4), SMB1 + b"\x75\x22\0\0\xc0"),
        (behind_login.ldap_asks, bytes.fromhex("30250201026320040064656661756c74"), bytes.fromhex("30060201024200")),
        (behind_login.ldap_welcomes, bytes.fromhex("300c02010161070a010004000400"), b"\x30\x0c\2\1\1\x61\7\x0a\1\x31"),
        (behind_login.ldap_welcomes, bytes.fromhex("30250201026420040064656661756c74"), b"\x30\5\2\1\2\x73\0"),
        (begins(b"230", b"235"), b"230 in", b"530 230"),
        (words("RETR", "CWD"), b"a1 retr 2\r\n", b"PASS RETRO cwd\r\n"),
    ],
)  # fmt: skip
def test_what_is_said_behind_a_login_only_is_told_from_what_is_said_before(tells, behind, before):
    assert tells(behind)
    assert not tells(before)


@pytest.mark.parametrize("tells", PACKETS)
@given(st.sampled_from([b"", b"\x30\x84", b"\x30\xff", SMB1, SMB2, b"\4\1"]), st.binary(max_size=24))
def test_any_bytes_are_taken(tells, beginning, rest):
    assert tells(beginning + rest) in {True, False}
