# SPDX-License-Identifier: Apache-2.0
"""One file for each way to tell; `targets` makes those that the configuration asks for."""

from typing import assert_never

from giamsat_collector.config import Config
from giamsat_collector.notifier import Notifier
from giamsat_collector.notifiers import alertmanager
from giamsat_collector.notifiers.alertmanager import AlertmanagerNotifier
from giamsat_collector.notifiers.email import EmailNotifier
from giamsat_collector.notifiers.syslog import SyslogNotifier
from giamsat_collector.notifiers.webhook import WebhookNotifier
from giamsat_collector.notify_settings import Alertmanager, AnyNotify, Email, Syslog, Webhook
from giamsat_collector.notifying.delivery import Target
from giamsat_collector.notifying.http_post import Post
from giamsat_collector.notifying.wanted import Wanted


def targets(config: Config) -> tuple[Target, ...]:
    """Every [[notify]] of the configuration, ready to be told."""
    return tuple(
        Target(
            name=one.name,
            kind=one.kind,
            notifier=_built(one, config),
            wanted=Wanted(one.priority, frozenset(one.units), one.what),
            pause_s=one.pause_s,
            repeat_s=alertmanager.REPEAT_S if isinstance(one, Alertmanager) else None,
        )
        for one in config.notify
    )


def _built(settings: AnyNotify, config: Config) -> Notifier:
    match settings:
        case Email():
            return EmailNotifier(settings, config.console.zone)
        case Webhook():
            return WebhookNotifier(Post(settings.url, settings.token_file, settings.ca_file))
        case Alertmanager():
            return AlertmanagerNotifier(Post(settings.url, settings.token_file, settings.ca_file))
        case Syslog():
            return SyslogNotifier(settings, config.listen.names[0])
        case _:
            assert_never(settings)
