# SPDX-License-Identifier: Apache-2.0
"""Lines of auth.log as they are written now: what is older than three days is never judged."""

import time


def failed_login(source, port=9):
    """A password for root that sshd refused, a moment ago by the clock of a host without a time zone."""
    stamp = time.strftime("%b %e %H:%M:%S", time.gmtime())
    return f"{stamp} may1 sshd[7]: Failed password for root from {source} port {port} ssh2\n"
