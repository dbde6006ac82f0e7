"""For Piccolo's own commands (PICCOLO_CONF=web.piccolo_conf), which look up these two names."""

from piccolo.conf.apps import AppRegistry

from web.database import open_engine, use
from web.settings import Settings

DB = open_engine(Settings.read().database_url)
APP_REGISTRY = AppRegistry(apps=["points.piccolo_app", "talentmap.piccolo_app"])

use(DB)
