# SPDX-License-Identifier: Apache-2.0
"""What to send and what to forget, and the connection that obeys."""
