"""Enter the residents of a list: who is new, who changed, who stays as they are."""

from collections.abc import Sequence
from datetime import datetime

from points.community import areas, rules
from points.community.errors import LevelMisplaced
from points.community.grants import require
from points.community.guardians import add_guardian, is_guardian
from points.community.people import DOOR_KEY, enrol, update_person
from points.community.secrets import install_secret
from points.imports.areas import batches
from points.imports.columns import Columns
from points.imports.homes import build_homes, load_homes
from points.imports.people_plan import KnownPerson, PeoplePlan, PersonStep
from points.imports.people_reading import PeopleReading, PersonRow, read_people
from points.imports.rows import ImportReport, Progress, Sheet
from points.transactions import is_postgres, run, use_case

PROGRESS_ROWS = 20


async def import_people(
    *,
    sheet: Sheet,
    columns: Columns,
    area_id: int,
    actor_id: int,
    now: datetime,
    new_estates: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Enter and update the residents of an area, all acceptable rows or none.

    A steward does it.  Estates that do not exist are made only with ``new_estates``.  Roles are
    never given by a list; flats become digests on the way in.
    """
    columns.require_usable()
    today = await areas.day_in(area_id, now)
    reading = read_people(sheet=sheet, columns=columns, today=today)
    return await _keep_people(
        reading=reading,
        area_id=area_id,
        actor_id=actor_id,
        now=now,
        new_estates=new_estates,
        dry_run=dry_run,
        progress=progress,
    )


@use_case
async def _keep_people(
    *,
    reading: PeopleReading,
    area_id: int,
    actor_id: int,
    now: datetime,
    new_estates: bool,
    dry_run: bool,
    progress: Progress | None,
) -> ImportReport:
    await _check_actor(area_id=area_id, actor_id=actor_id, now=now)
    plan = await _planned(reading, area_id=area_id, now=now, new_estates=new_estates)
    if not dry_run:
        await build_homes(homes=plan.homes, wanted=[step.home for step in plan.steps], now=now)
    guardians = await _new_guardians(plan, now=now)
    if not dry_run:
        await _write(plan, guardians, actor_id=actor_id, now=now, progress=progress)
    new = sum(step.known is None for step in plan.steps)
    updated = sum(
        step.known is not None and (bool(step.changes) or step.row.line in guardians)
        for step in plan.steps
    )
    taken = {step.row.line for step in plan.steps}
    refused = sorted([*reading.refused, *plan.refused], key=lambda problem: problem.line)
    return ImportReport(
        created=new,
        updated=updated,
        unchanged=len(plan.steps) - new - updated,
        refused=tuple(refused),
        notes=tuple(note for note in reading.notes if note.line in taken),
    )


async def _check_actor(*, area_id: int, actor_id: int, now: datetime) -> None:
    today = await areas.day_in(area_id, now)
    await require(person_id=actor_id, roles=("steward",), area_id=area_id, today=today)


async def _planned(
    reading: PeopleReading, *, area_id: int, now: datetime, new_estates: bool
) -> PeoplePlan:
    root = await areas.area(area_id)
    if not rules.may_contain(root.level, "building"):
        raise LevelMisplaced(field="level", level="building", parent_level=root.level)
    if is_postgres():
        await run("SELECT id FROM area WHERE id = {} FOR UPDATE", area_id)
    secret = await install_secret(name=DOOR_KEY, now=now)
    plan = PeoplePlan(
        homes=await load_homes(root, may_add_estates=new_estates),
        digest_of=lambda area, door: rules.door_digest(secret, area, rules.normalise_door(door)),
        known=await _known(area_id, reading.rows),
        today=await areas.day_in(area_id, now),
    )
    plan.add(reading.rows)
    return plan


_PERSON = (
    "SELECT p.id, p.name, p.phone, p.card_no, p.birth_date, p.area_id, h.door_digest "
    "FROM person p LEFT JOIN household h ON h.id = p.household_id "
)


async def _known(area_id: int, rows: Sequence[PersonRow]) -> list[KnownPerson]:
    """Everybody below the root, and whoever elsewhere has a phone or card of the file."""
    inside = await run(
        _PERSON + "JOIN area_ancestor c ON c.area_id = p.area_id "
        "WHERE c.ancestor_id = {} AND p.closed_at IS NULL",
        area_id,
    )
    here = {row["id"] for row in inside}
    elsewhere = []
    for column, numbers in (
        ("phone", [row.phone for row in rows if row.phone]),
        ("card_no", [row.card for row in rows if row.card]),
    ):
        for batch in batches(numbers):
            marks = ", ".join(["{}"] * len(batch))
            elsewhere += await run(f"{_PERSON} WHERE p.{column} IN ({marks})", *batch)
    found = {row["id"]: row for row in [*inside, *elsewhere]}
    return [
        KnownPerson(
            id=row["id"],
            name=row["name"],
            phone=row["phone"],
            card=row["card_no"],
            birth_date=row["birth_date"],
            area_id=row["area_id"],
            door_digest=row["door_digest"],
            inside=row["id"] in here,
        )
        for row in found.values()
    ]


async def _new_guardians(plan: PeoplePlan, *, now: datetime) -> dict[int, PersonStep | KnownPerson]:
    """The guardians, by the child's line, that the books do not know yet."""
    new = {}
    steps = {step.row.line: step for step in plan.steps}
    for line, guardian in plan.guardians.items():
        child = steps[line].known
        known = guardian.known if isinstance(guardian, PersonStep) else guardian
        if child and known:
            today = await areas.day_in(child.area_id, now)
            if await is_guardian(person_id=known.id, child_id=child.id, today=today):
                continue
        new[line] = guardian
    return new


async def _write(
    plan: PeoplePlan,
    guardians: dict[int, PersonStep | KnownPerson],
    *,
    actor_id: int,
    now: datetime,
    progress: Progress | None,
) -> None:
    ids: dict[int, int] = {}
    for done, step in enumerate(plan.steps, 1):
        ids[step.row.line] = await _write_person(plan, step, actor_id=actor_id, now=now)
        if progress and (done % PROGRESS_ROWS == 0 or done == len(plan.steps)):
            progress(done, len(plan.steps))
    for line, guardian in guardians.items():
        guardian_id = ids[guardian.row.line] if isinstance(guardian, PersonStep) else guardian.id
        await add_guardian(actor_id=actor_id, child_id=ids[line], guardian_id=guardian_id, now=now)


async def _write_person(plan: PeoplePlan, step: PersonStep, *, actor_id: int, now: datetime) -> int:
    area_id = plan.homes.area_id(step.home)
    assert area_id is not None, "homes are built before people move in"
    row = step.row
    if step.known is None:
        return await enrol(
            name=row.name,
            area_id=area_id,
            now=now,
            actor_id=actor_id,
            phone=row.phone,
            card_no=row.card,
            birth_date=row.birth_date,
            household_door=row.door,
        )
    if step.changes:
        changes = {key: value for key, value in step.changes.items() if key != "home"}
        if "home" in step.changes:
            changes["area_id"] = area_id
        await update_person(actor_id=actor_id, person_id=step.known.id, now=now, **changes)
    return step.known.id
