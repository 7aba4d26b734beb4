# SPDX-License-Identifier: Apache-2.0
"""Everything a collector keeps, taken while it runs and put back after a disaster."""
