"""Pools and disputes: their accounts, the moves they allow, and who has to agree."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from points.ddl import append_only, ddl_migration, refuse, table

ID = "2026-11-27T00:00:07"
VERSION = "1.38.0"
DESCRIPTION = "pools and disputes"

OLD_KINDS = "'award', 'recount', 'reversal', 'hold', 'release', 'fulfil', 'expire'"
KINDS = f"{OLD_KINDS}, 'pool', 'donate', 'grant'"
# SQLite cannot alter a CHECK; its manual gives this way for changes that leave all rows valid.
MORE_KINDS = {
    "sqlite": [
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_schema SET sql = replace(sql, "
        f"'{OLD_KINDS.replace(chr(39), chr(39) * 2)}', '{KINDS.replace(chr(39), chr(39) * 2)}') "
        "WHERE type = 'table' AND name = 'posting'",
        "PRAGMA writable_schema = RESET",
    ],
    "postgres": [
        "ALTER TABLE posting DROP CONSTRAINT posting_kind",
        f"ALTER TABLE posting ADD CONSTRAINT posting_kind CHECK (kind IN ({KINDS}))",
    ],
}

# (id, posting kind, unit, source class, target class).  There is none from member to member.
ROUTES = [
    (40, "pool", "points", "member", "household"),
    (41, "pool", "points", "household", "member"),
    (42, "hold", "points", "household", "redemption"),
    (43, "release", "points", "redemption", "household"),
    (44, "reversal", "points", "redeemed", "household"),
    (45, "expire", "points", "household", "commons"),
    (46, "expire", "points", "stairwell", "commons"),
    (47, "donate", "points", "member", "commons"),
    (48, "reversal", "points", "commons", "member"),
    (49, "grant", "points", "commons", "issuer"),
    (50, "grant", "points", "issuer", "member"),
    (51, "grant", "points", "issuer", "stairwell"),
    (52, "grant", "points", "stairwell", "redeemed"),
    (53, "hold", "points", "member", "dispute"),
    (54, "release", "points", "dispute", "member"),
    (55, "reversal", "points", "dispute", "issuer"),
]

TABLES = [
    """CREATE TABLE pool_member (
        id {identity},
        household_id BIGINT NOT NULL REFERENCES household (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        joined_at TIMESTAMPTZ NOT NULL,
        left_at TIMESTAMPTZ,
        CONSTRAINT pool_member_term CHECK (left_at >= joined_at)
    )""",
    "CREATE UNIQUE INDEX pool_member_once ON pool_member (person_id) WHERE left_at IS NULL",
    "CREATE INDEX pool_member_of_household ON pool_member (household_id)",
    # Whose points are in the pool of a household.  The posting follows in the same transaction.
    """CREATE TABLE pool_share (
        id {identity},
        account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE RESTRICT,
        reference VARCHAR(120) NOT NULL CONSTRAINT pool_share_posting
            REFERENCES posting (reference) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        vintage DATE NOT NULL,
        amount BIGINT NOT NULL CONSTRAINT pool_share_amount CHECK (amount <> 0)
    )""",
    "CREATE INDEX pool_share_of ON pool_share (account_id, person_id, vintage)",
    "CREATE INDEX pool_share_by ON pool_share (reference)",
    """CREATE TABLE donation (
        id {identity},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        posting_id BIGINT NOT NULL CONSTRAINT donation_posting UNIQUE
            REFERENCES posting (id) ON DELETE RESTRICT,
        points BIGINT NOT NULL CONSTRAINT donation_points CHECK (points > 0),
        wish VARCHAR(120) NOT NULL DEFAULT '',
        donated_at TIMESTAMPTZ NOT NULL
    )""",
    "CREATE INDEX donation_of_book ON donation (book_id, id)",
    "CREATE INDEX donation_of_person ON donation (person_id, id)",
    """CREATE TABLE pool_decision (
        id {identity},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        kind VARCHAR(16) NOT NULL CONSTRAINT decision_kind
            CHECK (kind IN ('relief', 'honour', 'honour_spend')),
        person_id BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        area_id BIGINT REFERENCES area (id) ON DELETE RESTRICT,
        donation_id BIGINT REFERENCES donation (id) ON DELETE RESTRICT,
        points BIGINT NOT NULL CONSTRAINT decision_points CHECK (points BETWEEN 1 AND 100000),
        reason VARCHAR(200) NOT NULL CONSTRAINT decision_reason CHECK (reason <> ''),
        proposed_by BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        proposed_at TIMESTAMPTZ NOT NULL,
        state VARCHAR(16) NOT NULL DEFAULT 'proposed' CONSTRAINT decision_state
            CHECK (state IN ('proposed', 'approved', 'refused')),
        decided_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        decided_at TIMESTAMPTZ,
        refusal VARCHAR(200) NOT NULL DEFAULT '',
        CONSTRAINT decision_of_whom CHECK (
            (kind = 'relief') = (person_id IS NOT NULL)
            AND (kind = 'relief') = (area_id IS NULL)
            AND (kind = 'relief' OR donation_id IS NULL)
        ),
        CONSTRAINT decision_second_person CHECK (decided_by <> proposed_by),
        CONSTRAINT decision_not_own CHECK (proposed_by <> person_id AND decided_by <> person_id),
        CONSTRAINT decision_decided CHECK (
            (state <> 'proposed') = (decided_by IS NOT NULL AND decided_at IS NOT NULL)
        )
    )""",
    "CREATE INDEX decision_of_book ON pool_decision (book_id, state, id)",
    "CREATE INDEX decision_of_person ON pool_decision (person_id) WHERE person_id IS NOT NULL",
    "CREATE INDEX decision_of_area ON pool_decision (area_id) WHERE area_id IS NOT NULL",
    """CREATE TABLE dispute (
        id {identity},
        book_id BIGINT NOT NULL REFERENCES book (id) ON DELETE RESTRICT,
        person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        service_record_id BIGINT NOT NULL REFERENCES service_record (id) ON DELETE RESTRICT,
        posting_id BIGINT REFERENCES posting (id) ON DELETE RESTRICT,
        kind VARCHAR(16) NOT NULL CONSTRAINT dispute_kind CHECK (kind IN ('objection', 'appeal')),
        raised_by BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        reason VARCHAR(300) NOT NULL CONSTRAINT dispute_reason CHECK (reason <> ''),
        raised_at TIMESTAMPTZ NOT NULL,
        answer_by TIMESTAMPTZ NOT NULL,
        state VARCHAR(16) NOT NULL DEFAULT 'open' CONSTRAINT dispute_state
            CHECK (state IN ('open', 'answered', 'review', 'upheld', 'rejected', 'withdrawn')),
        answer VARCHAR(16) CONSTRAINT dispute_answer CHECK (answer IN ('uphold', 'reject')),
        answered_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        answered_at TIMESTAMPTZ,
        answer_reason VARCHAR(300) NOT NULL DEFAULT '',
        review_until TIMESTAMPTZ,
        review_asked_by BIGINT REFERENCES person (id) ON DELETE RESTRICT,
        review_reason VARCHAR(300) NOT NULL DEFAULT '',
        review_by TIMESTAMPTZ,
        escalated_at TIMESTAMPTZ,
        closed_at TIMESTAMPTZ,
        CONSTRAINT dispute_by_whom CHECK (kind = 'appeal' OR raised_by <> person_id),
        CONSTRAINT dispute_not_own CHECK (answered_by <> person_id AND answered_by <> raised_by),
        CONSTRAINT dispute_answered CHECK (
            (answer IS NOT NULL) = (answered_by IS NOT NULL AND answered_at IS NOT NULL)
            AND (answer IS NOT NULL OR state IN ('open', 'withdrawn'))
            AND (state <> 'open' OR answer IS NULL)
        ),
        CONSTRAINT dispute_reviewed CHECK (
            (review_asked_by IS NOT NULL) = (review_by IS NOT NULL)
            AND (state <> 'review' OR review_by IS NOT NULL)
        ),
        CONSTRAINT dispute_closed CHECK (
            (state IN ('upheld', 'rejected', 'withdrawn')) = (closed_at IS NOT NULL)
        )
    )""",
    "CREATE UNIQUE INDEX dispute_once ON dispute (service_record_id) WHERE closed_at IS NULL",
    "CREATE INDEX dispute_of_person ON dispute (person_id, id)",
    "CREATE INDEX dispute_of_posting ON dispute (posting_id) WHERE posting_id IS NOT NULL",
    "CREATE INDEX dispute_queue ON dispute (book_id, id) WHERE closed_at IS NULL",
    """CREATE TABLE dispute_vote (
        dispute_id BIGINT NOT NULL REFERENCES dispute (id) ON DELETE RESTRICT,
        member_id BIGINT NOT NULL REFERENCES person (id) ON DELETE RESTRICT,
        choice VARCHAR(16) NOT NULL CONSTRAINT dispute_vote_choice
            CHECK (choice IN ('uphold', 'reject')),
        reason VARCHAR(300) NOT NULL CONSTRAINT dispute_vote_reason CHECK (reason <> ''),
        voted_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (dispute_id, member_id)
    )""",
]
APPEND_ONLY = ("pool_share", "donation", "dispute_vote")

NO_SUCH_OWNER = (
    "NEW.kind = 'household' AND NOT EXISTS (SELECT 1 FROM household h WHERE h.id = NEW.owner_id) "
    "OR NEW.kind = 'stairwell' AND NOT EXISTS "
    "(SELECT 1 FROM area a WHERE a.id = NEW.owner_id AND a.level = 'stairwell') "
    "OR NEW.kind = 'dispute' AND NOT EXISTS (SELECT 1 FROM dispute d "
    "WHERE d.id = NEW.owner_id AND d.book_id = NEW.book_id)"
)
SHARES_MISSING = (
    "OLD.kind = 'household' AND NEW.kind = 'household' AND NEW.balance <> "
    "(SELECT COALESCE(SUM(s.amount), 0) FROM pool_share s WHERE s.account_id = NEW.id)"
)
SHARE_OVERDRAWN = (
    "NOT EXISTS (SELECT 1 FROM account a WHERE a.id = NEW.account_id AND a.kind = 'household') "
    "OR NEW.amount < 0 AND NEW.amount + (SELECT COALESCE(SUM(s.amount), 0) FROM pool_share s "
    "WHERE s.account_id = NEW.account_id AND s.person_id = NEW.person_id "
    "AND s.vintage = NEW.vintage) < 0"
)
# A pool takes from its members and gives each of them back what is hers.
NOT_IN_POOL = (
    "EXISTS (SELECT 1 FROM posting p, account s, account t WHERE p.id = NEW.posting_id "
    "AND p.kind = 'pool' AND s.id = NEW.source_id AND t.id = NEW.target_id AND ("
    "t.kind = 'household' AND NOT EXISTS (SELECT 1 FROM pool_member m "
    "WHERE m.household_id = t.owner_id AND m.person_id = s.person_id AND m.left_at IS NULL) "
    "OR NOT EXISTS (SELECT 1 FROM pool_share x WHERE x.reference = p.reference "
    "AND x.vintage = NEW.vintage AND x.person_id = COALESCE(s.person_id, t.person_id) "
    "AND x.amount = CASE WHEN t.kind = 'household' THEN NEW.amount ELSE -NEW.amount END)))"
)
SPENT_BY_STRANGER = (
    "EXISTS (SELECT 1 FROM account s, account t, redemption r WHERE s.id = NEW.source_id "
    "AND t.id = NEW.target_id AND s.kind = 'household' AND t.kind = 'redemption' "
    "AND r.id = t.owner_id AND NOT EXISTS (SELECT 1 FROM pool_member m "
    "WHERE m.household_id = s.owner_id AND m.person_id = r.person_id AND m.left_at IS NULL))"
)
NOT_OF_HOUSEHOLD = (
    "NOT EXISTS (SELECT 1 FROM person p WHERE p.id = NEW.person_id "
    "AND p.household_id = NEW.household_id AND p.closed_at IS NULL)"
)
# A day of leeway: the day in UTC is not the day in the area.
UNDER_AGE = {
    "sqlite": "EXISTS (SELECT 1 FROM person p WHERE p.id = NEW.person_id "
    "AND date(p.birth_date, '+18 years') > date(NEW.joined_at, '+1 day'))",
    "postgres": "EXISTS (SELECT 1 FROM person p WHERE p.id = NEW.person_id "
    "AND (p.birth_date + INTERVAL '18 years')::date "
    "> (NEW.joined_at AT TIME ZONE 'UTC')::date + 1)",
}
MEMBERSHIP_EDITED = (
    "OLD.left_at IS NOT NULL OR NEW.person_id <> OLD.person_id "
    "OR NEW.household_id <> OLD.household_id OR NEW.joined_at <> OLD.joined_at"
)
UNDECIDED = (
    "NEW.kind = 'grant' AND NOT EXISTS (SELECT 1 FROM pool_decision d "
    "WHERE NEW.reference = 'decision:' || d.id AND d.state = 'approved' "
    "AND d.book_id = NEW.book_id)"
)
# What a person in need gets is new, and as much as goes out of the commons before.
NOT_AS_DECIDED = (
    "EXISTS (SELECT 1 FROM posting p, pool_decision d, account s, account t "
    "WHERE p.id = NEW.posting_id AND p.kind = 'grant' AND p.reference = 'decision:' || d.id "
    "AND s.id = NEW.source_id AND t.id = NEW.target_id AND ("
    "(t.kind = 'member' OR s.kind = 'commons') AND d.kind <> 'relief' "
    "OR t.kind = 'member' AND t.person_id <> d.person_id "
    "OR t.kind = 'stairwell' AND (d.kind <> 'honour' OR t.owner_id <> d.area_id) "
    "OR s.kind = 'stairwell' AND (d.kind <> 'honour_spend' OR s.owner_id <> d.area_id) "
    "OR (SELECT SUM(x.amount) FROM transfer x WHERE x.posting_id = p.id "
    "    AND x.route_id = NEW.route_id) > d.points "
    "OR t.kind = 'member' AND (SELECT SUM(x.amount) FROM transfer x JOIN account a "
    "    ON a.id = x.target_id WHERE x.posting_id = p.id AND a.kind = 'member') "
    "  > (SELECT COALESCE(SUM(x.amount), 0) FROM transfer x JOIN account a "
    "    ON a.id = x.source_id WHERE x.posting_id = p.id AND a.kind = 'commons')))"
)


def _close_to(who: str, person: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM person a, person b WHERE a.id = {who} AND b.id = {person} "
        "AND a.household_id = b.household_id) "
        f"OR EXISTS (SELECT 1 FROM guardian g WHERE g.child_id = {person} "
        f"AND g.guardian_id = {who} AND g.until IS NULL)"
    )


# Neither the household of whom it is for, nor who gave the points for it.
DECIDED_BY_FRIENDS = (
    f"NEW.person_id IS NOT NULL AND ({_close_to('NEW.proposed_by', 'NEW.person_id')} "
    f"OR {_close_to('NEW.decided_by', 'NEW.person_id')}) "
    "OR EXISTS (SELECT 1 FROM donation o WHERE o.id = NEW.donation_id "
    "AND (o.person_id IN (NEW.proposed_by, COALESCE(NEW.decided_by, 0)) "
    "OR o.person_id = NEW.person_id OR o.book_id <> NEW.book_id))"
)
DECISION_EDITED = (
    "OLD.state <> 'proposed' OR NEW.book_id <> OLD.book_id OR NEW.kind <> OLD.kind "
    "OR COALESCE(NEW.person_id, 0) <> COALESCE(OLD.person_id, 0) "
    "OR COALESCE(NEW.area_id, 0) <> COALESCE(OLD.area_id, 0) "
    "OR COALESCE(NEW.donation_id, 0) <> COALESCE(OLD.donation_id, 0) "
    "OR NEW.points <> OLD.points OR NEW.reason <> OLD.reason "
    "OR NEW.proposed_by <> OLD.proposed_by OR NEW.proposed_at <> OLD.proposed_at"
)
UNDISPUTED = (
    "EXISTS (SELECT 1 FROM posting p, account s, account t WHERE p.id = NEW.posting_id "
    "AND s.id = NEW.source_id AND t.id = NEW.target_id AND ("
    "t.kind = 'dispute' AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.id = t.owner_id "
    "AND d.kind = 'objection' AND d.closed_at IS NULL AND d.person_id = s.person_id "
    "AND d.posting_id IS NOT NULL) "
    "OR s.kind = 'dispute' AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.id = s.owner_id "
    "AND (t.kind = 'member' AND t.person_id = d.person_id "
    "     OR t.kind = 'issuer' AND p.reverses_id = d.posting_id))))"
)
STILL_FROZEN = (
    "NEW.closed_at IS NOT NULL AND EXISTS (SELECT 1 FROM account a WHERE a.kind = 'dispute' "
    "AND a.owner_id = NEW.id AND a.balance > 0)"
)
DISPUTE_EDITED = (
    "OLD.closed_at IS NOT NULL OR NEW.book_id <> OLD.book_id OR NEW.person_id <> OLD.person_id "
    "OR NEW.service_record_id <> OLD.service_record_id OR NEW.kind <> OLD.kind "
    "OR COALESCE(NEW.posting_id, 0) <> COALESCE(OLD.posting_id, 0) "
    "OR NEW.raised_by <> OLD.raised_by OR NEW.reason <> OLD.reason "
    "OR NEW.raised_at <> OLD.raised_at "
    "OR OLD.answer IS NOT NULL AND (NEW.answer <> OLD.answer "
    "OR NEW.answered_by <> OLD.answered_by OR NEW.answer_reason <> OLD.answer_reason)"
)


def _partial(who: str, dispute: str) -> str:
    """Whether somebody had a hand in the record, or is close to the person it is about."""
    return (
        f"EXISTS (SELECT 1 FROM service_record r WHERE r.id = {dispute}.service_record_id "
        f"AND ({who} = r.decided_by OR {who} = r.voided_by OR {who} = r.person_id "
        f"OR {who} = r.logged_by)) OR {_close_to(who, f'{dispute}.person_id')} "
        f"OR {_close_to(who, f'{dispute}.raised_by')}"
    )


ANSWERED_BY_PARTY = (
    f"OLD.answer IS NULL AND NEW.answer IS NOT NULL AND ({_partial('NEW.answered_by', 'NEW')})"
)
VOTED_BY_PARTY = (
    "NOT EXISTS (SELECT 1 FROM dispute d WHERE d.id = NEW.dispute_id AND d.state = 'review' "
    "AND NEW.member_id NOT IN (d.answered_by, d.person_id, d.raised_by) "
    f"AND NOT ({_partial('NEW.member_id', 'd')})) "
    "OR (SELECT COUNT(*) FROM dispute_vote v WHERE v.dispute_id = NEW.dispute_id) >= 3"
)
# Points that have expired are neither given away nor put into a pool; grace helps only a donor.
DEAD = (
    "EXISTS (SELECT 1 FROM posting p, account s WHERE p.id = NEW.posting_id "
    "AND s.id = NEW.source_id AND s.kind = 'member' AND p.kind IN ('pool', 'donate') "
    "AND NEW.vintage < {day_before} AND NOT (p.kind = 'donate' AND EXISTS ("
    "SELECT 1 FROM holding h WHERE h.account_id = NEW.source_id AND h.vintage = NEW.vintage "
    "AND h.grace_until >= {day_before})))"
)
DAY_BEFORE = {
    "sqlite": "date(p.happened_at, '-1 day')",
    "postgres": "((p.happened_at AT TIME ZONE 'UTC')::date - 1)",
}

# No other posting may take the routes of awards, so guards of transfers need not look at them.
GATE = {"transfer": "NEW.route_id NOT IN (1, 2, 3) AND "}
# (trigger, table, event, condition, message, whether it looks after the fact)
REFUSALS = [
    ("account_owner", "account", "INSERT", NO_SUCH_OWNER, "an account belongs to something", False),
    ("account_shared", "account", "UPDATE", SHARES_MISSING,
     "the shares of a pool add up to its balance", False),
    ("pool_share_held", "pool_share", "INSERT", SHARE_OVERDRAWN,
     "nobody takes more out of a pool than she put in", False),
    ("transfer_of_pool", "transfer", "INSERT", NOT_IN_POOL,
     "a pool takes from its members and gives back to each what is hers", False),
    ("transfer_by_pool_member", "transfer", "INSERT", SPENT_BY_STRANGER,
     "a pool pays for what its members ask for", False),
    ("transfer_alive", "transfer", "INSERT", DEAD,
     "points that have expired are not given away", False),
    ("pool_member_at_home", "pool_member", "INSERT", NOT_OF_HOUSEHOLD,
     "a pool is for those who live behind one door", False),
    ("pool_member_edited", "pool_member", "UPDATE", MEMBERSHIP_EDITED,
     "a membership only ends", False),
    ("pool_member_kept", "pool_member", "DELETE", "TRUE", "a membership is never deleted", False),
    ("grant_evidence", "posting", "INSERT", UNDECIDED,
     "a grant needs the decision of two people", False),
    ("grant_as_decided", "transfer", "INSERT", NOT_AS_DECIDED,
     "a grant does what was decided, with points that were there", True),
    ("decision_impartial", "pool_decision", "INSERT", DECIDED_BY_FRIENDS,
     "nobody decides for her household or over her own donation", False),
    ("decision_impartial_later", "pool_decision", "UPDATE", DECIDED_BY_FRIENDS,
     "nobody decides for her household or over her own donation", False),
    ("decision_edited", "pool_decision", "UPDATE", DECISION_EDITED,
     "a decision is never edited", False),
    ("decision_kept", "pool_decision", "DELETE", "TRUE", "a decision is never deleted", False),
    ("transfer_disputed", "transfer", "INSERT", UNDISPUTED,
     "points are frozen for an open objection and go back to their owner", False),
    ("dispute_empty", "dispute", "UPDATE", STILL_FROZEN, "a closed dispute holds nothing", False),
    ("dispute_edited", "dispute", "UPDATE", DISPUTE_EDITED, "a dispute is never edited", False),
    ("dispute_impartial", "dispute", "UPDATE", ANSWERED_BY_PARTY,
     "an objection is answered by somebody who had no hand in it", False),
    ("dispute_kept", "dispute", "DELETE", "TRUE", "a dispute is never deleted", False),
    ("dispute_vote_impartial", "dispute_vote", "INSERT", VOTED_BY_PARTY,
     "a review is decided by three others", False),
]  # fmt: skip


def statements(engine_type: str) -> list[str]:
    """The DDL of this migration, in order."""
    under_age = (
        "pool_member_adult", "pool_member", "INSERT", UNDER_AGE[engine_type],
        "a pool is for adults", False,
    )  # fmt: skip
    return [
        *MORE_KINDS[engine_type],
        *(
            f"INSERT INTO route (id, kind, unit, source_kind, target_kind) "
            f"VALUES ({number}, '{kind}', '{unit}', '{source}', '{target}')"
            for number, kind, unit, source, target in ROUTES
        ),
        *(table(engine_type, sql) for sql in TABLES),
        *(statement for name in APPEND_ONLY for statement in append_only(engine_type, name)),
        *(
            statement
            for name, of, event, when, message, after in [*REFUSALS, under_age]
            for statement in refuse(
                engine_type,
                name=name,
                table=of,
                event=event,
                when=f"{GATE.get(of, '')}({when.replace('{day_before}', DAY_BEFORE[engine_type])})",
                message=message,
                after=after,
            )
        ),
    ]


async def forwards() -> MigrationManager:
    """Add the routes, the tables and the guards."""
    return ddl_migration(ID, "points", DESCRIPTION, statements)
