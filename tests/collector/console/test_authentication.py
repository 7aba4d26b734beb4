# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.console.authentication import destination


@pytest.mark.parametrize(
    "page",
    [
        *("/alerts", "/alerts?state=new&text=a%2Fb", "/alerts/0123", "/hosts?status=silent", "/hosts/0123"),
        *("/coverage?level=4", "/availability?month=2026-10", "/suppressions", "/reports/form08.docx"),
    ],
)
def test_a_login_leads_to_the_page_that_was_wanted(page):
    assert destination(page) == page


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.test/alerts",
        "//evil.test/alerts",
        "/\\evil.test",
        "/alertsevil",
        "/alerts\r\nset-cookie: a=b",
        "javascript:alert(1)",
        "/logout",
        "",
        None,
    ],
)
def test_a_login_leads_nowhere_else(page):
    assert destination(page) == "/alerts"
