# SPDX-License-Identifier: Apache-2.0
"""What is known to be evil, as lists that administrators bring: kept, looked up in whatever arrives, told when old."""
