"""``linli token``: a personal API token, asked for with the person's own password."""

from pathlib import Path

import click

from points.community.access.sign_in import sign_in, sign_out
from points.community.access.tokens import create_token
from web.cli.running import data_option, run_on_database
from web.clock import now
from web.settings import Settings


@click.command("token")
@click.option("--login", prompt="Phone or card 手机号或卡号", help="Phone or card. 手机号或卡号。")
@click.option("--label", default="linli token", help="What it is for. 用途。")
@click.option("--days", default=90, type=click.IntRange(1, 366), help="Valid days. 有效天数。")
@click.option(
    "--scope", default="read", help="What it may: read, write, staff. 权限。",
    type=click.Choice(["read", "read write", "read staff", "read write staff"]),
)  # fmt: skip
@click.password_option(confirmation_prompt=False, prompt="Password 密码", help="密码。")
@data_option
def token_command(
    login: str, label: str, days: int, scope: str, password: str, data: Path | None
) -> None:
    """Make a personal API token; it is shown once. 生成个人 API 令牌，只显示一次。"""

    async def act() -> str:
        signed_in = await sign_in(
            login=login, password=password, address="command line", device="linli token", now=now()
        )
        token = await create_token(
            person_id=signed_in.person_id, label=label, scopes=scope.split(), days=days, now=now()
        )
        await sign_out(token=signed_in.token, now=now())
        return token

    click.echo(run_on_database(Settings.read(data=data), act))
