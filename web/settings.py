"""What the operator decides outside the program: one place reads the environment.

| variable | meaning | default |
|---|---|---|
| LINLI_DATA | folder of the SQLite file and of what the install keeps beside it | the platform's |
| LINLI_DATABASE_URL | sqlite:///path or postgresql://user@host/name | linli.sqlite in that folder |
| LINLI_JOBS | "no" where cron runs ``linli jobs run`` and the server need not | yes |
| LINLI_SMTP_URL | smtp://user:password@host:587 or smtps://…:465, for letters | no letters |
| LINLI_MAIL_FROM | the sender of letters | linli@ the host of LINLI_SMTP_URL |
| LINLI_PUBLIC_URL | where people reach the site, for the links in letters | no links |
| LINLI_MAP_TILES | none, osm, tianditu, amap or an address with {z}, {x}, {y} | none: outlines |
| LINLI_MAP_DATUM | wgs84 or gcj02: how these tiles are drawn | amap gcj02, else wgs84 |
| LINLI_MAP_KEY | the key that the tiles ask for | no key |
| LINLI_MAP_CREDIT | the line (审图号) shown in the corner of the map | the usual one |
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from platformdirs import user_data_path

APP_NAME = "linli"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of this process."""

    data: Path
    database_url: str
    jobs: bool = False
    smtp_url: str = ""
    mail_from: str = ""
    public_url: str = ""
    map_tiles: str = "none"
    map_datum: str = ""
    map_key: str = ""
    map_credit: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ, *, data: Path | None = None) -> Self:
        """The settings in ``environment``; ``data`` (the option --data) goes before LINLI_DATA."""
        given = environment.get("LINLI_DATA")
        folder = data or (Path(given) if given else user_data_path(APP_NAME, appauthor=False))
        folder = folder.expanduser().absolute()
        default = f"sqlite:///{folder / 'linli.sqlite'}"
        return cls(
            data=folder,
            database_url=environment.get("LINLI_DATABASE_URL") or default,
            jobs=environment.get("LINLI_JOBS", "yes").strip().lower() not in {"no", "0", "off"},
            smtp_url=environment.get("LINLI_SMTP_URL", "").strip(),
            mail_from=environment.get("LINLI_MAIL_FROM", "").strip(),
            public_url=environment.get("LINLI_PUBLIC_URL", "").strip().rstrip("/"),
            map_tiles=environment.get("LINLI_MAP_TILES", "").strip() or "none",
            map_datum=environment.get("LINLI_MAP_DATUM", "").strip(),
            map_key=environment.get("LINLI_MAP_KEY", "").strip(),
            map_credit=environment.get("LINLI_MAP_CREDIT", "").strip(),
        )
