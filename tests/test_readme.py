"""What the README says is there, and what is there the README says."""

import re
from pathlib import Path

from web.cli import COMMANDS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_every_command_is_in_the_readme():
    assert [name for name in COMMANDS if f"`linli {name}" not in README] == []


def test_every_setting_is_in_the_readme():
    named = set()
    for path in [*ROOT.glob("web/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        named |= set(re.findall(r"\bLINLI_[A-Z_]+\b", path.read_text()))
    internal = {"LINLI_TEST_RUN"}
    assert sorted(name for name in named - internal if f"`{name}" not in README) == []


def test_every_option_of_a_command_in_the_readme_exists():
    for name in ("demo", "serve", "import"):
        from web.cli import main

        command = main.get_command(None, name)
        written = re.search(rf"`linli {name} ([^`]*)`", README)
        options = set(re.findall(r"--[a-z-]+", written[1]))
        known = {option for parameter in command.params for option in parameter.opts}
        assert options <= known


def test_every_picture_of_the_readme_is_there():
    pictures = set(re.findall(r"\.pictures/[a-z-]+\.png", README))
    assert pictures
    assert [name for name in sorted(pictures) if not (ROOT / name).exists()] == []


def test_both_set_up_commands_are_one_line_each():
    for name in ("demo", "test"):
        block = re.search(rf"<!-- command: {name} -->\n```sh\n(.+?)\n```", README, re.DOTALL)
        assert "\n" not in block[1]
