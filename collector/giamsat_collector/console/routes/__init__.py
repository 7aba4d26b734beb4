# SPDX-License-Identifier: Apache-2.0
"""One file per page: each reads, builds a view, and renders it."""
