# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giamsat_agent.ssh_peer import Peer, leaver, named


@pytest.mark.parametrize("name", ["x", "", "root from 198.51.100.7 port 22", "x 198.51.100.7 port 22"])
def test_who_left_is_read_from_the_end(name):
    assert leaver(f"Connection closed by invalid user {name} 192.0.2.7 port 9") == Peer(
        name, known=False, host="192.0.2.7", port=9
    )


def test_who_changed_names_is_known_and_hidden_where_a_name_says_so_too():
    changed = ": Change of username or service not allowed: ("

    assert leaver(f"Disconnecting invalid user a 192.0.2.7 port 9{changed}a,x) -> (b,x)") == Peer(
        "a", known=False, host="192.0.2.7", port=9
    )
    assert leaver(f"Disconnecting invalid user a 198.51.100.7 port 9{changed}b 192.0.2.7 port 9{changed}a,x)") is None


@pytest.mark.parametrize("rest", ["x", "x from a port 9", "x from 192.0.2.7 port 99999", "x from 192.0.2.7 prot 9"])
def test_what_names_no_address_and_port_names_no_peer(rest):
    assert named(rest) is None


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=100),
    st.ip_addresses().map(str).filter(lambda text: "%" not in text),
    st.integers(0, 65_535),
)
def test_the_name_is_carried_and_the_address_is_the_peers(name, address, port):
    assert named(f"invalid user {name} from {address} port {port} ssh2") == Peer(
        name, known=False, host=address, port=port
    )
