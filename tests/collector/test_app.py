# SPDX-License-Identifier: Apache-2.0
import subprocess
import sys


def test_a_collector_does_without_what_lays_out_and_reads_office_files_until_it_is_asked_to():
    heavy = {"openpyxl", "docx", "lxml", "alembic"}
    words = f"import sys, giamsat_collector.app; print(sorted({heavy} & sys.modules.keys()))"

    assert subprocess.run([sys.executable, "-c", words], capture_output=True, check=True).stdout == b"[]\n"
