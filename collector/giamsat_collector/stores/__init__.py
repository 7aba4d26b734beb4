# SPDX-License-Identifier: Apache-2.0
"""Where rows live; one file per database."""
