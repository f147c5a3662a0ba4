"""Run migrations on the connection that the program hands over, inside the transaction it has begun.

Logging is the program's own business; this file configures none.
"""

from __future__ import annotations

from typing import cast

from alembic import context
from sqlalchemy import Connection

from station.adapters.store.schema import METADATA

# The only caller is the program itself; there is no ini file, and no offline mode that would print SQL.
context.configure(
    connection=cast(Connection, context.config.attributes["connection"]),
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
