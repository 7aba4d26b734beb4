# SPDX-License-Identifier: Apache-2.0
import ipaddress
import os

import pytest

from giamsat_agent.packets.detectors.mining import pools
from giamsat_agent.packets.detectors.resolver import resolvers
from giamsat_agent.packets.errors import ListError
from giamsat_agent.packets.indicator_lists import ENTRIES, FILE_BYTES, Lists, parsed, read

JA4 = "t13d1516h2_8daaf6152771_e5627efa2ab1"
TEXT = f"# told by the centre, 2026-11\n203.0.113.9\n2001:DB8::9 # a comment\n\nEvil.Example.\n{JA4}\n"


def test_addresses_domains_and_fingerprints_are_told_apart():
    listed = parsed([("x", TEXT)])

    assert listed.addresses == {ipaddress.ip_address(one).packed for one in ("203.0.113.9", "2001:db8::9")}
    assert (listed.domains, listed.fingerprints) == ({"evil.example"}, {JA4})


@pytest.mark.parametrize(
    ("name", "listed"),
    [("evil.example", "evil.example"), ("a.b.evil.example", "evil.example"), ("notevil.example", ""), ("example", "")],
)
def test_a_domain_stands_for_what_is_below_it(name, listed):
    assert parsed([("x", TEXT)]).domain(name) == listed


@pytest.mark.parametrize(
    "line", ["203.0.113.0/24", "http://evil.example/", "two words", "t13d1516h2_8daaf6152771", "x"]
)
def test_a_line_that_is_none_of_them_is_refused_with_its_place(line):
    with pytest.raises(ListError, match=r"x:2: .*mend the line"):
        parsed([("x", f"evil.example\n{line}\n")])


def test_a_list_is_bounded(tmp_path):
    with pytest.raises(ListError, match="more than"):
        parsed([("x", "\n".join(f"a{number}.example" for number in range(ENTRIES + 1)))])
    (tmp_path / "x").write_bytes(b"#" * (FILE_BYTES + 1))
    with pytest.raises(ListError, match="longer than"):
        read([tmp_path / "x"])
    with pytest.raises(ListError, match="cannot be read"):
        read([tmp_path / "none"])


def test_lists_are_read_again_when_they_change_and_stay_in_force_when_they_break(tmp_path):
    path = tmp_path / "x"
    path.write_text("evil.example\n")
    lists = Lists([path])

    assert (lists.changed(), lists.changed()) == (True, False)
    path.write_text("evil.example\nnot a line\n")
    assert not lists.changed()
    assert "x:2" in lists.problem
    assert lists.listed.domains == {"evil.example"}
    path.write_text("worse.example\n")
    os.utime(path, ns=(1, 1))
    assert lists.changed()
    assert (lists.problem, lists.listed.domains) == ("", {"worse.example"})


def test_the_lists_that_come_with_the_agent_can_be_read():
    assert resolvers().domain("mozilla.cloudflare-dns.com") == "cloudflare-dns.com"
    assert len(resolvers().addresses) > 10
    assert pools().domain("pool.hashvault.pro") == "hashvault.pro"
