"""Bring the tables up to date."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection

_MIGRATIONS = Path(__file__).with_name("migrations")
# Alembic keeps the connection that it works on in a module: two stores that are opened at once would share one.
_ONE_AT_A_TIME = threading.Lock()


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing, all or none of them, inside the transaction of ``connection``."""
    from alembic import command  # 0.1 s that only a first start or a new version has to wait
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")
