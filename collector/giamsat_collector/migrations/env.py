# SPDX-License-Identifier: Apache-2.0
"""How alembic runs our migrations: on the connection it is handed, and on no other."""

from alembic import context

from giamsat_collector.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
