"""Piccolo's registration of the points storey."""

import os

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="points",
    migrations_folder_path=os.path.join(os.path.dirname(__file__), "piccolo_migrations"),
    table_classes=table_finder(
        [
            "points.community.tables",
            "points.ledger.tables",
            "points.ledger.sealing.tables",
            "points.service.tables",
            "points.notices.tables",
            "points.rewards.tables",
            "points.outlook.tables",
            "points.pools.tables",
            "points.disputes.tables",
        ]
    ),
    migration_dependencies=[],
)
