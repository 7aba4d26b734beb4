# SPDX-License-Identifier: Apache-2.0
"""What other devices tell: what is asked of them (SNMP), and what they send by themselves (traps, syslog)."""
