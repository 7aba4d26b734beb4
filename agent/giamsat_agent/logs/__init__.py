# SPDX-License-Identifier: Apache-2.0
"""Where a host's programs write their messages: the journal, and text files that are rotated.

timestamp, syslog_line, journal_entry, lines and file_position are pure; tail, text_log and journal touch the host.
"""
