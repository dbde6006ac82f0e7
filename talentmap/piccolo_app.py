"""Piccolo's registration of the talentmap storey."""

import os

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="talentmap",
    migrations_folder_path=os.path.join(os.path.dirname(__file__), "piccolo_migrations"),
    table_classes=table_finder(
        [
            "talentmap.places.tables",
            "talentmap.activities.tables",
            "talentmap.talents.tables",
            "talentmap.pins.tables",
        ]
    ),
    migration_dependencies=["points.piccolo_app"],
)
