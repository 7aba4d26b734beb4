# SPDX-License-Identifier: Apache-2.0
"""From a line of any log to an event.

    bytes ─ framing ─▶ Framed (who said it, when, which text or which named values)
          ─ recognizer ─▶ the product that says such things ─▶ Meaning ─ ecs ─▶ Event

Framing knows forms (syslog, CEF, LEEF, key=value, CSV, W3C, JSON, Windows XML, the headers of applications), and no
product. A product is a file in products/: data, read by product.py. Where data does not reach, it is a module of its
own (netfilter, filterlog, access_log, sign_in). Everything here is pure: text in, values out, in time linear in the
line; nothing raises on what a line holds.

Patterns are those of Python's `re`, not RE2's, which takes twenty times as long to give what it captured. None of them
goes back again and again: a product file holds no patterns but templates, whose pieces are atomic groups, and a test
refuses a repetition inside another that can be read in two ways.
"""
