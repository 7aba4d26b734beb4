# SPDX-License-Identifier: Apache-2.0
"""Administration through a local socket."""
