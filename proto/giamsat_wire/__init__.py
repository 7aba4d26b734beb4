# SPDX-License-Identifier: Apache-2.0
"""What both ends must agree on: records, lanes, limits, the catalogue and the codec."""
