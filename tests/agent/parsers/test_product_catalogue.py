# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.parsers.product_catalogue import known


def test_a_product_is_found_by_its_program_or_how_the_name_begins():
    assert known().of_program("dovecot").name == "dovecot"
    assert known().of_program("postfix/smtps/smtpd").name == "postfix"
    assert known().of_program("nobody") is None
