# SPDX-License-Identifier: Apache-2.0
"""What pages print, as frozen rows: templates print them and compute nothing."""
