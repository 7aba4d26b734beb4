# SPDX-License-Identifier: Apache-2.0
from giamsat_collector.ingest import progress


def test_each_reader_goes_its_own_way(connection):
    progress.reach(connection, "judge", 7)
    progress.reach(connection, "archive", 3)
    progress.reach(connection, "judge", 9)

    assert (progress.reached(connection, "judge"), progress.reached(connection, "archive")) == (9, 3)
    assert progress.reached(connection, "nobody") == 0
