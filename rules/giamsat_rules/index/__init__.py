# SPDX-License-Identifier: Apache-2.0
"""Which detections an event has to be shown to, so that most rules are never asked."""
