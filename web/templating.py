"""Pages out of templates.

One Jinja environment for each language and time zone, so that a component can say ``_()`` without
being handed a translator.  Undefined names are errors, everything is escaped, and nothing is
reloaded: a template is compiled once.

Known everywhere: ``_``, ``ngettext``, ``static``, ``icon``, ``csrf``, ``request_id``, ``ui`` (all
macros of ``templates/components``) and the filters date, short_date, month, time, date_time,
hours, number, points, signed.
"""

import re
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from web.i18n import HOME_TIME_ZONE, Language, translator
from web.static_files import STATIC, static_file

__all__ = ["STATIC", "TEMPLATES", "environment", "icon", "icon_names", "render", "static", "units"]
TEMPLATES = Path(__file__).parent / "templates"

# What the base template asks for; a page without a visitor may leave these out.
_DEFAULTS: dict[str, object] = {"me": None, "flash": (), "path": "", "csrf_token": ""}


def render(
    template: str,
    *,
    language: Language,
    elder_mode: bool,
    time_zone: str = HOME_TIME_ZONE,
    **context: object,
) -> str:
    """The page as HTML."""
    page = environment(language, time_zone).get_template(template)
    return page.render({**_DEFAULTS, **context, "language": language, "elder_mode": elder_mode})


@lru_cache(maxsize=32)
def environment(language: Language, time_zone: str = HOME_TIME_ZONE) -> Environment:
    """The Jinja environment of a language in a time zone."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = translator(language, time_zone)
    made.globals.update(
        {
            "_": words.gettext,
            "ngettext": words.ngettext,
            "span": words.span,
            "static": static,
            "icon": icon,
            "csrf": csrf,
            "request_id": request_id,
        }
    )
    said = ("date", "short_date", "month", "time", "date_time", "hours", "number", "points")
    made.filters.update({name: getattr(words, name) for name in (*said, "signed")})
    made.filters["units"] = units
    made.globals["ui"] = _components(made)
    return made


def _components(made: Environment) -> SimpleNamespace:
    """Every macro of templates/components under one name; a name used twice is an error."""
    found: dict[str, object] = {}
    for path in sorted((TEMPLATES / "components").glob("*.html")):
        module = made.get_template(f"components/{path.name}").module
        for name, macro in vars(module).items():
            if not name.startswith("_"):
                if name in found:
                    raise ValueError(f"two components are called {name}")
                found[name] = macro
    return SimpleNamespace(**found)


@lru_cache(maxsize=256)
def static(name: str) -> str:
    """URL of a static file, with a hash of its content so that it may be kept for ever."""
    return f"/static/{name}?v={static_file(name).version}"


@lru_cache(maxsize=256)
def icon(name: str) -> Markup:
    """An icon of the sprite, silent to screen readers: the word beside it says it."""
    if name not in icon_names():
        raise KeyError(f"icons.svg has no icon {name!r}")
    return Markup(
        '<svg class="icon" width="24" height="24" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>'
    ).format(static("icons.svg"), name)


@lru_cache(maxsize=1)
def icon_names() -> frozenset[str]:
    """Names of the icons in the sprite."""
    return frozenset(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text("utf-8")))


def units(said: object) -> Markup:
    """A quantity with its units set smaller; a line may break only between its parts."""
    parts = re.findall(r"([^\d\s]*[\d.,]+)\s*([^\d]*)", str(said))
    if not parts:
        return escape(said)
    one = Markup("<span>{}<small>{}</small></span>")
    alone = Markup("<span>{}</span>")
    return Markup(" ").join(
        one.format(number, unit.strip()) if unit.strip() else alone.format(number)
        for number, unit in parts
    )


@pass_context
def csrf(context: Context) -> Markup:
    """Hidden field that every POST form carries against forged requests."""
    return _hidden("_csrf_token", context["csrf_token"])


@pass_context
def request_id(context: Context) -> Markup:
    """Hidden field that makes a form sent twice count once."""
    return _hidden("request_id", context["new_request_id"]())


def _hidden(name: str, value: object) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
