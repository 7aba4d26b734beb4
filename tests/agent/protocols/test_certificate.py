# SPDX-License-Identifier: Apache-2.0
import os
import ssl

import pytest

from giamsat_agent.check import UnusableError
from giamsat_agent.protocols.certificate import Shown, trusting
from support.web_server import Authority


def test_a_new_file_of_authorities_counts_at_once(tmp_path):
    authority = Authority(tmp_path)
    before = trusting(authority.ca_file, verify=True)
    same = trusting(authority.ca_file, verify=True)
    os.utime(authority.ca_file, ns=(1, 1))
    after = trusting(authority.ca_file, verify=True)

    assert before is same
    assert after is not before


def test_a_file_without_certificates_cannot_be_used(tmp_path):
    path = tmp_path / "ca.pem"
    path.write_text("hello")

    with pytest.raises(UnusableError, match="no certificates can be read"):
        trusting(str(path), verify=True)


def test_what_is_no_certificate_is_refused():
    for data in (b"", b"\x30\x82\xff\xff", os.urandom(500)):
        with pytest.raises(ValueError):
            Shown.parse(data)


def test_what_is_trusted_is_the_same_on_every_python(tmp_path):
    context = trusting(Authority(tmp_path).ca_file, verify=True)

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
