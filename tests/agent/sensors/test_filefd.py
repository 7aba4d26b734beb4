# SPDX-License-Identifier: Apache-2.0
from giamsat_agent.sensors.filefd import FileDescriptors
from support.pretend_host import pretend_host, reading


def test_open_descriptors_and_their_limit_are_reported():
    assert reading(FileDescriptors(pretend_host())) == {
        ("node_filefd_allocated",): 2144,
        ("node_filefd_maximum",): 805264,
    }
