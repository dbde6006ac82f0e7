"""``PYTHON tests/benchmarks/bench_hordak.py ADDRESS``: guarded transfers of django-hordak a second.

To be run by the Python of an environment that has django-hordak and psycopg, which is no dependency
of ours, on the address of an empty PostgreSQL database.  A transfer is guarded as awards are: both
accounts locked in one order, the balance read and found sufficient, then moved; four processes.
"""

import multiprocessing
import os
import random
import statistics
import sys
import time

ACCOUNTS, CALLERS, TRANSFERS, PAIRS = 200, 4, 100, 3
APPS = ("contenttypes", "auth")


def _configure(address: str) -> None:
    import django
    from django.conf import settings

    database, _, host = address.partition("?host=")
    settings.configure(
        INSTALLED_APPS=[*(f"django.contrib.{name}" for name in APPS), "mptt", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": database.rpartition("/")[2],
                "USER": database.partition("//")[2].partition("@")[0],
                "HOST": host,
            }
        },
        DEFAULT_CURRENCY="CNY",
        CURRENCIES=("CNY",),
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def _prepare(address: str) -> None:
    _configure(address)
    from django.core.management import call_command
    from hordak.models import Account
    from moneyed import Money

    call_command("migrate", verbosity=0)
    bank, *others = [
        Account.objects.create(name=str(number), code=str(number), type="AS", currencies=["CNY"])
        for number in range(ACCOUNTS)
    ]
    for other in others:
        bank.transfer_to(other, Money(1_000_000, "CNY"))
    others[0].transfer_to(bank, Money(1_000_000, "CNY"))


def _work(address: str, caller: int, hot: bool, ready: object) -> None:
    _configure(address)
    from django.db import transaction
    from hordak.models import Account
    from moneyed import Money

    ids = list(Account.objects.order_by("id").values_list("id", flat=True))
    pick = random.Random(caller)
    ready.wait()  # type: ignore[attr-defined]
    for _ in range(TRANSFERS):
        source, target = pick.sample(ids[2:], 2)
        source = ids[2] if hot and target != ids[2] else source
        with transaction.atomic():
            both = Account.objects.filter(id__in=(source, target)).order_by("id")
            found = {account.id: account for account in both.select_for_update()}
            assert found[source].get_simple_balance()["CNY"] >= Money(1, "CNY")
            found[source].transfer_to(found[target], Money(1, "CNY"))


def _per_second(address: str, *, hot: bool) -> float:
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(CALLERS + 1)
    workers = [
        spawn.Process(target=_work, args=(address, caller, hot, ready)) for caller in range(CALLERS)
    ]
    for worker in workers:
        worker.start()
    ready.wait()
    started = time.perf_counter()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0, "a caller failed"
    return CALLERS * TRANSFERS / (time.perf_counter() - started)


def main() -> None:
    """Prepare, measure, tell."""
    try:
        import hordak  # noqa: F401
    except ImportError:
        sys.exit("Skipped: this Python has no django-hordak.")
    address = sys.argv[1]
    preparing = multiprocessing.get_context("spawn").Process(target=_prepare, args=(address,))
    preparing.start()
    preparing.join()
    for name, hot in (("spread", False), ("hot", True)):
        rates = [_per_second(address, hot=hot) for _ in range(PAIRS)]
        print(f"{name}, {CALLERS} callers: {statistics.median(rates):.0f} a second")  # noqa: T201


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
