# SPDX-License-Identifier: Apache-2.0
"""What other rules would have said to the events that are kept: judged again, nothing recorded."""
