# SPDX-License-Identifier: Apache-2.0
"""How alembic runs our migrations: on the connection it is handed, and on no other."""

from alembic import context

from giamsat_collector.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # all migrations or none: SQLite can, though alembic does not assume it
)
with context.begin_transaction():
    context.run_migrations()
