# SPDX-License-Identifier: Apache-2.0
import ssl

import pytest

from giamsat_collector.notifying.trust import trusting
from support.web_server import Authority


def test_a_receiver_is_verified_by_the_file_alike_on_every_python(tmp_path):
    context = trusting(Authority(tmp_path).ca_file)

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(context.get_ca_certs()) == 1
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT


def test_a_file_without_certificates_is_an_error_of_the_system(tmp_path):
    (tmp_path / "ca.pem").write_text("hello")

    with pytest.raises(OSError):
        trusting(str(tmp_path / "ca.pem"))
