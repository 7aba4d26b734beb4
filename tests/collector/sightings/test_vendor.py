# SPDX-License-Identifier: Apache-2.0
import pytest

from giamsat_collector.sightings import vendor
from giamsat_collector.sightings.vendor import RANDOM, REGISTERS
from support.peers import program

FORMS = {
    "ieee": "AC-DE-48   (hex)\t\tPrivate Works\nACDE48     (base 16)\t\tPrivate Works\n",
    "nmap": "# a comment\nACDE48 Private Works\n",
    "wireshark": "AC:DE:48\tPrivate Works\tPrivate Works Ltd.\nAC:DE:48:00:00:00/28\tNobody\tNobody\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_register_of_the_machine_is_read_in_each_of_its_forms(tmp_path, form):
    file = tmp_path / "register"
    file.write_text(FORMS[form])

    names = vendor.read([tmp_path / "missing", file])

    assert names.of("ac:de:48:00:00:01") == "Private Works"


def test_a_machine_without_any_register_knows_the_common_ones():
    names = vendor.read([])

    assert [names.of(mac) for mac in ("00:50:56:01:02:03", "52:54:00:01:02:03", "00:09:0f:01:02:03")] == [
        "VMware",
        "QEMU",
        "Fortinet",
    ]


def test_an_address_of_ones_own_making_names_nobody_and_an_unknown_one_neither():
    names = vendor.read([])

    assert (names.of("da:a1:19:00:00:01"), names.of("f8:ff:ff:00:00:01")) == (RANDOM, "")


@pytest.mark.peer("nmap")
def test_the_names_known_here_are_in_the_register_of_nmap():
    assert program("nmap")
    register = vendor.read([REGISTERS[2]])
    alone = vendor.read([])
    ours = {prefix for prefixes in vendor._NAMES.values() for prefix in prefixes.split()}

    listed = REGISTERS[2].read_text(encoding="utf-8").lower()
    missing = {prefix for prefix in ours if f"\n{prefix} " not in listed}
    assert missing == set()
    assert register.of("00:00:02:00:00:00") != "" == alone.of("00:00:02:00:00:00")
