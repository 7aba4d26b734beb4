# SPDX-License-Identifier: Apache-2.0
"""Where frames come from: capture files, and an interface's ring in memory with what the kernel filters."""
