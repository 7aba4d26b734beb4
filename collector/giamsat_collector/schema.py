# SPDX-License-Identifier: Apache-2.0
"""The one MetaData every table of the collector is declared on; the tables stand beside the code that owns them.

Bounded by age, in turns of housekeeping: frames, source_minutes, flow_minutes, sightings, first_seen, evidence.
Bounded by number: quarantine and evidence for each agent or host; offenders by the alerts in the queue; sessions by
those that still count; attestations, indicator lists and notifiers by what there is one of.

Never taken away, so that the database grows with them: alerts and alert_changes, incidents and what belongs to them,
coverage_statements, availability_days, certificates, tokens, losses, registry_tellings and registry_facts,
maintenances, suppressions. Measured with their indexes, on synthetic rows: an alert with five events of evidence and
one change 2.8 kB, a day of one check of availability 0.5 kB. `database_space` tells how large it all is.
"""

from sqlalchemy import MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
