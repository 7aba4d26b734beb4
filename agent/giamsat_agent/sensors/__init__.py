# SPDX-License-Identifier: Apache-2.0
"""One file per thing watched; ALL is the list of them."""
