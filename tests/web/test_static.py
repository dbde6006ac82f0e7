"""The look: colours that can be read, nothing inline or foreign, every error page in words."""

import gzip
import re

import pytest
from jinja2 import meta
from markupsafe import Markup

from web import templating
from web.i18n import LANGUAGES
from web.templating import STATIC, TEMPLATES, environment, icon, icon_names, render, static, units

VENDOR = STATIC / "vendor"
ERRORS = sorted(path.name for path in (TEMPLATES / "errors").glob("*.html"))
WASHES = ["--accent-wash", "--jade-wash", "--amber-wash", "--stop-wash", "--info-wash"]
# A file to open without the server brings its own style.
STANDS_ALONE = {"prints/cards.html"}
READ_ON = {
    "--ink": ["--paper", "--card", "--sunk", *WASHES],
    "--ink-soft": ["--paper", "--card", "--sunk"],
    "--accent": ["--paper", "--card", "--sunk"],
    "--accent-strong": ["--paper", "--card", "--sunk", "--accent-wash"],
    "--on-accent": ["--accent", "--accent-strong"],
    "--jade": ["--paper", "--card", "--jade-wash"],
    "--amber": ["--paper", "--card", "--amber-wash"],
    "--stop": ["--paper", "--card", "--stop-wash"],
    "--info": ["--paper", "--card", "--info-wash"],
}


def tokens() -> dict[str, dict[str, str]]:
    css = (STATIC / "linli.css").read_text("utf-8")
    blocks = re.findall(r":root:not\(\[data-theme\]\) \{([^}]*--paper: #[^}]*)\}", css)
    light, dark = (dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", block)) for block in blocks[:2])
    return {"light": light, "dark": dark}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(scheme: str) -> None:
    colours = tokens()[scheme]
    pairs = [(text, ground) for text, grounds in READ_ON.items() for ground in grounds]
    measured = {f"{t} on {g}": contrast(colours[t], colours[g]) for t, g in pairs}
    assert {pair: round(value, 2) for pair, value in measured.items() if value < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_fields_and_the_focus_can_be_seen(scheme: str) -> None:
    colours = tokens()[scheme]
    for line in ("--edge", "--focus"):
        for ground in ("--paper", "--card"):
            assert contrast(colours[line], colours[ground]) >= 3, (line, ground)


def test_nothing_in_a_template_is_inline_or_foreign() -> None:
    forbidden = re.compile(
        r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://|<script(?![^>]*\ssrc=)"
    )
    found = [
        f"{path.relative_to(TEMPLATES)}:{number}: {line.strip()}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        if path.relative_to(TEMPLATES).as_posix() not in STANDS_ALONE
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert found == []


def test_the_stylesheet_and_the_script_ask_no_other_host() -> None:
    for name in ("linli.css", "parts.css", "print.css", "linli.js"):
        text = (STATIC / name).read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text
        assert "@import" not in text
        assert "eval(" not in text


def test_what_is_vendored_is_listed_with_version_and_licence() -> None:
    listed = (VENDOR / "VENDORED.md").read_text("utf-8")
    folders = [path for path in VENDOR.iterdir() if path.is_dir()]
    assert all(list(folder.glob("LICENSE*")) for folder in folders)
    files = [path for folder in folders for path in folder.iterdir() if path.suffix != ".md"]
    for path in files:
        if path.name != "LICENSE":
            assert f"`{path.relative_to(VENDOR).as_posix()}`" in listed
    assert "://" not in listed


def test_the_frame_of_a_page_weighs_little() -> None:
    own = ("linli.css", "parts.css", "print.css", "linli.js", "icons.svg")
    names = ("vendor/pico/pico.min.css", "vendor/htmx/htmx.min.js", *own)
    weights = {name: len(gzip.compress((STATIC / name).read_bytes())) for name in names}
    assert sum(weights.values()) < 50_000, weights


def test_an_address_of_a_static_file_changes_with_its_content() -> None:
    assert re.fullmatch(r"/static/linli\.css\?v=[0-9a-f]{12}", static("linli.css"))
    assert static("linli.css") != static("linli.js")
    with pytest.raises(FileNotFoundError):
        static("missing.css")


def test_an_icon_comes_from_the_sprite_or_not_at_all() -> None:
    assert "#home" in icon("home")
    with pytest.raises(KeyError, match="no icon"):
        icon("unicorn")


def test_every_icon_named_in_a_template_exists() -> None:
    call = re.compile(r"\bicon\(\"([\w-]+)\"\)")
    named = {n for path in TEMPLATES.rglob("*.html") for n in call.findall(path.read_text("utf-8"))}
    assert named - icon_names() == set()


def test_units_are_set_smaller_and_nothing_is_lost() -> None:
    assert units("40 小时 30 分") == (
        "<span>40<small>小时</small></span> <span>30<small>分</small></span>"
    )
    assert units("−1,250") == "<span>−1,250</span>"
    assert units("<b>") == "&lt;b&gt;"


@pytest.mark.parametrize("elder_mode", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ERRORS)
def test_an_error_page_needs_nothing_but_the_name_of_the_place(
    name: str, language: templating.Language, elder_mode: bool
) -> None:
    page = render(
        f"errors/{name}", language=language, elder_mode=elder_mode, site_name="<b>新虹</b>"
    )
    assert "&lt;b&gt;新虹" in page
    assert "<b>新虹" not in page
    assert ('data-mode="elder"' in page) is elder_mode
    assert "data-say" in page


def test_a_field_speaks_of_its_error_and_escapes_what_was_typed() -> None:
    made = environment("zh", "Asia/Shanghai")
    html = made.from_string("{{ ui.field('name', '姓名', typed, error='太长') }}").render(
        typed='"><script>alert(1)</script>'
    )
    assert isinstance(made.globals["ui"].field("n", "名"), Markup)
    assert "<script>" not in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="field-name-error"' in html


def test_the_hidden_fields_take_their_values_from_the_page() -> None:
    html = (
        environment("en", "Asia/Shanghai")
        .from_string("{{ csrf() }}{{ request_id() }}")
        .render(csrf_token="t<", new_request_id=lambda: "r1")
    )
    assert 'name="_csrf_token" value="t&lt;"' in html
    assert 'name="request_id" value="r1"' in html


def test_every_template_parses_and_names_no_unknown_filter() -> None:
    made = environment("zh", "Asia/Shanghai")
    for path in sorted(TEMPLATES.rglob("*.html")):
        source = path.read_text("utf-8")
        meta.find_undeclared_variables(made.parse(source))
        made.compile(source)
