# SPDX-License-Identifier: Apache-2.0
"""Events kept for as long as the level owes, in files of one day and level: forgetting is an unlink."""
