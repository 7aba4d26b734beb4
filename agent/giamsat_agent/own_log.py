# SPDX-License-Identifier: Apache-2.0
"""What our own processes say of themselves: one JSON object a line on standard error."""

import logging
import sys

import structlog


def to_standard_error() -> None:
    """From now on, what is logged goes there."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
