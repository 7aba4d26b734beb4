# SPDX-License-Identifier: Apache-2.0
import time

import pytest

from giamsat_agent.check import Failure
from support.checking import once, values
from support.web_server import Authority


async def test_the_first_certificate_to_expire_counts(tmp_path):
    authority = Authority(tmp_path)
    for days in (90, 3):
        authority.issue(f"for{days}", days=days)

    result = await once(what="certificate", target=f"{tmp_path}/for*.pem")

    assert result.failure is None
    assert values(result)["probe_ssl_earliest_cert_expiry"] - time.time() == pytest.approx(3 * 86400, abs=3_600)


async def test_expired_missing_and_broken_files_are_said(tmp_path):
    Authority(tmp_path).issue("old", days=-1)
    (tmp_path / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nzz\n-----END CERTIFICATE-----\n")

    old, missing, broken = [
        await once(what="certificate", target=f"{tmp_path}/{name}") for name in ("old.pem", "none.pem", "broken.pem")
    ]

    assert (old.failure, missing.failure, broken.failure) == (
        Failure.WRONG_ANSWER,
        Failure.UNUSABLE,
        Failure.UNUSABLE,
    )
    assert "has expired" in old.reason
    assert "holds no certificate" in broken.reason
