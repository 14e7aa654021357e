"""What every state store keeps to, written against the protocol; a backend inherits it and brings a fixture."""

import secrets
import uuid
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest

from poolshift.errors import PlanUnusable
from poolshift.identity.address import address, hash64
from poolshift.identity.kind import Kind
from poolshift.identity.value import UNKNOWN
from poolshift.provider.operation import JobHandle, Operation, Put
from poolshift.state.base import ABSENT_FP, Base, ElementBase, Pair
from poolshift.state.packing import quiet_of
from poolshift.state.store import Intent, Resolution, Result, Settled, Store

RULES = {"email": "authority email", "given_name": "authority text", "plan": "enforce text"}
PLAN = "0123456789ab"


def equal_pair() -> Pair:
    fingerprint = secrets.token_bytes(8)
    return fingerprint, fingerprint


def base_of(store: Store, source_id: str) -> Base:
    """A base row of a person as an apply would leave it."""
    fields = {"email": equal_pair(), "given_name": (secrets.token_bytes(8), secrets.token_bytes(8))}
    return Base(source_id, str(uuid.uuid4()), store.rule_set(RULES), equal_pair(), fields=fields)


def user(source_id: str) -> str:
    return address("user", source_id)


def intent_of(source_id: str, kind: Kind = "user", *parts: str) -> Intent:
    return Intent(address(kind, source_id, *parts), kind, "create", source_id, None, secrets.token_bytes(8), ABSENT_FP)


def landed(base: Base, result: Result = "done") -> Settled:
    return Settled(user(base.source_id), result, base.destination_id, base.source_id, base)


def insert(store: Store, *source_ids: str) -> list[Base]:
    bases = [base_of(store, source_id) for source_id in source_ids]
    store.record([landed(base) for base in bases])
    return bases


class StoreContract:
    """Needs the fixtures `store` (writable, new) and `reopened` (closes it and opens it again for writing)."""

    # -- what was decided on
    def test_a_new_lineage_is_empty(self, store: Store) -> None:
        """A new state has a lineage, keys, and nothing else."""
        assert store.lineage
        assert len(store.keys.derive("spill")) == 32
        assert store.tenants() == {}
        assert store.rule_sets() == {}
        assert list(store.people()) == []
        assert store.shared() == {}
        assert store.resolutions() == {}
        assert store.open_windows() == []
        assert store.runs() == []

    def test_lineage_and_keys_survive(self, store: Store, reopened: Callable[[], Store]) -> None:
        """Fingerprints are the same in every later run of a lineage."""
        lineage, fingerprint = store.lineage, store.keys.fingerprints.of_bytes(b"x")
        again = reopened()
        assert again.lineage == lineage
        assert again.keys.fingerprints.of_bytes(b"x") == fingerprint

    def test_tenants_are_pinned(self, store: Store, reopened: Callable[[], Store]) -> None:
        """Pinned tenants replace what was pinned before, and last."""
        store.pin_tenants({"source": {"pool": "a"}, "destination": {"domain": "b"}})
        store.pin_tenants({"source": {"pool": "c"}})
        assert reopened().tenants() == {"source": {"pool": "c"}}

    def test_equal_rules_have_one_number(self, store: Store, reopened: Callable[[], Store]) -> None:
        """The order of the fields does not make another rule set; another rule does."""
        first = store.rule_set(RULES)
        assert store.rule_set(dict(reversed(RULES.items()))) == first
        second = store.rule_set({**RULES, "plan": "seed text"})
        assert second != first
        again = reopened()
        assert again.rule_sets() == {first: RULES, second: {**RULES, "plan": "seed text"}}
        assert again.rule_set(RULES) == first

    # -- base
    def test_a_base_row_comes_back_as_it_went(self, store: Store, reopened: Callable[[], Store]) -> None:
        """Every part of a base row survives."""
        base = base_of(store, "auth|1")
        base.handover = base.released = True
        base.fields["plan"] = (ABSENT_FP, ABSENT_FP)
        base.elements = {b"elementA": ElementBase(True, False), b"elementB": ElementBase()}
        store.record([landed(base)])
        assert reopened().person("auth|1") == base

    def test_an_unknown_person_has_no_row(self, store: Store) -> None:
        """Asking for a stranger yields None."""
        insert(store, "known")
        assert store.person("stranger") is None

    def test_people_come_in_hash_order(self, store: Store) -> None:
        """People stream in the order of the hash of their source id, each once."""
        ids = [str(uuid.uuid4()) for _ in range(700)] + [f"auth|{number}" for number in range(700)]
        insert(store, *ids)
        assert [base.source_id for base in store.people()] == sorted(ids, key=lambda one: hash64(one.encode()))
        assert store.count_people() == len(ids)

    @pytest.mark.parametrize("parts", [1, 4, 7])
    def test_ranges_of_people_cover_everybody_once(self, store: Store, parts: int) -> None:
        """The ranges [low, high) of any partition give each person to exactly one."""
        ids = [f"person {number}" for number in range(300)]
        insert(store, *ids)
        bounds = [(1 << 64) * part // parts for part in range(parts + 1)]
        found = []
        for low, high in pairwise(bounds):
            people = [base.source_id for base in store.people(low, high)]
            assert all(low <= hash64(one.encode()) < high for one in people)
            found += people
        assert sorted(found) == sorted(ids)

    @pytest.mark.parametrize("parts", [1, 4])
    def test_pairs_are_the_ids_of_the_same_people(self, store: Store, parts: int) -> None:
        """Pairs name each person of a range with its destination id, in the order of people."""
        insert(store, *(str(uuid.uuid4()) for _ in range(600)), *(f"auth|{number}" for number in range(600)))
        bounds = [(1 << 64) * part // parts for part in range(parts + 1)]
        for low, high in pairwise(bounds):
            pairs = [(base.source_id, base.destination_id) for base in store.people(low, high)]
            assert list(store.pairs(low, high)) == pairs
            assert len(pairs) > 100

    def test_packed_rows_are_the_same_people_in_the_same_order(self, store: Store) -> None:
        """A packed row becomes the base it was made of, and tells its rule set and quiet pair by itself."""
        insert(store, *(str(uuid.uuid4()) for _ in range(600)), *(f"auth|{number}" for number in range(600)))
        people, packed = list(store.people()), list(store.packed())
        assert [store.unpack(source_id, row) for source_id, row in packed] == people
        assert [quiet_of(row) for _, row in packed] == [(base.rule_set, base.quiet) for base in people]
        assert len(people) == 1200

    def test_a_range_begins_with_its_lower_bound_and_ends_before_its_upper(self, store: Store) -> None:
        """A person whose hash is a bound belongs to the range that begins there."""
        insert(store, "edge")
        edge = hash64(b"edge")
        assert [base.source_id for base in store.people(edge, edge + 1)] == ["edge"]
        assert list(store.people(0, edge)) == []
        assert list(store.people(edge + 1)) == []

    def test_a_write_while_people_are_read_is_not_hidden(self, store: Store) -> None:
        """A stream never mixes rows from before and after a write: it goes on as it began, or says so."""
        bases = insert(store, *map(str, range(1200)))
        stream = store.people()
        seen = [next(stream)]
        changed = [Base(base.source_id, "changed", base.rule_set) for base in bases]
        store.record([landed(base) for base in changed])
        with suppress(RuntimeError):
            seen.extend(stream)
        assert "changed" not in {base.destination_id for base in seen}

    def test_dropping_forgets_a_person(self, store: Store) -> None:
        """A drop removes the row of this person only."""
        insert(store, "a", "b")
        store.record([Settled(user("a"), "done", person="a", drop=True)])
        assert [base.source_id for base in store.people()] == ["b"]

    def test_shared_kinds_lie_by_address(self, store: Store, reopened: Callable[[], Store]) -> None:
        """A group's row is found by its address, is not a person, and can be dropped."""
        admins, users = address("group", "admins"), address("group", "users")
        rules = store.rule_set({"description": "enforce text"})
        rows = [Base(one, "id of " + one, rules, fields={"description": equal_pair()}) for one in (admins, users)]
        store.record([Settled(row.source_id, "done", row.destination_id, base=row) for row in rows])
        store.record([Settled(users, "done", drop=True)])
        again = reopened()
        assert again.shared() == {admins: rows[0]}
        assert again.count_people() == 0

    def test_elements_merge_into_the_row(self, store: Store) -> None:
        """Elements are added, changed and forgotten one by one; the rest of the row stays."""
        (base,) = insert(store, "a")
        membership = address("group_member", "a", "g")
        first = {b"element1": (True, True), b"element2": (True, False), b"element3": (False, True)}
        store.record([Settled(membership, "done", person="a", elements=first)])
        store.record(
            [Settled(membership, "done", person="a", elements={b"element2": (False, False), b"element3": (True, True)})]
        )
        base.elements = {b"element1": ElementBase(), b"element3": ElementBase()}
        assert store.person("a") == base

    def test_elements_of_a_new_person_may_follow_in_the_same_group(self, store: Store) -> None:
        """A row and its elements may be written by one group of outcomes, in this order."""
        base = base_of(store, "a")
        store.record(
            [landed(base), Settled(address("group_member", "a", "g"), "done", elements={b"12345678": (True, True)})]
        )
        person = store.person("a")
        assert person is not None
        assert person.elements == {b"12345678": ElementBase()}

    def test_elements_without_a_row_are_refused(self, store: Store) -> None:
        """An element of a person without a base row would be lost: nothing of the group is written."""
        orphan = Settled(
            address("group_member", "ghost", "g"), "done", person="ghost", elements={b"12345678": (True, True)}
        )
        with pytest.raises(ValueError, match="before its person has a base row"):
            store.record([landed(base_of(store, "a")), orphan])
        assert store.count_people() == 0

    def test_a_row_of_an_unknown_rule_set_is_refused(self, store: Store) -> None:
        """A base row must name stored rules and only their fields."""
        with pytest.raises(ValueError, match="rule set 99"):
            store.record([landed(Base("a", "b", 99))])
        stranger = Base("a", "b", store.rule_set(RULES), fields={"unheard_of": equal_pair()})
        with pytest.raises(ValueError, match="unheard_of"):
            store.record([landed(stranger)])
        assert store.count_people() == 0

    def test_the_latest_resolution_wins(self, store: Store, reopened: Callable[[], Store]) -> None:
        """A person may change a verdict; address and path together name it."""
        first = Resolution(user("a"), "email", "source", b"desired1", b"actual_1", "ops", "because", 1.5)
        second = Resolution(user("a"), "email", "destination", b"desired1", b"actual_1", "ops", "rather not", 2.5)
        record = Resolution(user("a"), "", "source", b"desired1", b"actual_1", "ops", "all of it", 3.5)
        for one in (first, second, record):
            store.resolve(one)
        assert reopened().resolutions() == {(user("a"), "email"): second, (user("a"), ""): record}

    # -- plans
    def test_a_plan_is_used_once(self, store: Store, reopened: Callable[[], Store]) -> None:
        """New, open (again and again), closed for good."""
        assert store.plan_status(PLAN) == "new"
        store.open_plan(PLAN, "digest")
        store.open_plan(PLAN, "digest")
        assert store.plan_status(PLAN) == "open"
        store.close_plan(PLAN)
        again = reopened()
        assert again.plan_status(PLAN) == "closed"
        with pytest.raises(PlanUnusable, match="PLAN_CLOSED"):
            again.open_plan(PLAN, "digest")

    def test_two_plans_of_one_id_are_told_apart(self, store: Store) -> None:
        """An id is the beginning of a digest; the whole digest must be the same."""
        store.open_plan(PLAN, "digest")
        with pytest.raises(PlanUnusable, match="PLAN_DIGEST"):
            store.open_plan(PLAN, "another")

    def test_a_plan_that_was_never_opened_cannot_be_closed(self, store: Store) -> None:
        """Closing the unknown is a bug of the caller."""
        with pytest.raises(ValueError, match="never opened"):
            store.close_plan(PLAN)

    # -- windows
    def test_a_job_survives_with_its_rows_and_its_handle(self, store: Store, reopened: Callable[[], Store]) -> None:
        """In the order they were submitted, children inside, fields by name; gone with its window."""
        window = store.open_window("run", PLAN, "import_job", [intent_of("b"), intent_of("a")])
        rows = (
            Operation(address("user", "b"), "user", "create", {"email": Put(UNKNOWN)}, id="chosen"),
            Operation(
                address("user", "a"),
                "user",
                "update",
                {"email": Put(UNKNOWN), "name": Put(UNKNOWN)},
                children=(Operation(address("factor", "a", "totp"), "factor", "create"),),
            ),
        )
        store.begin_job(window.number, "label-1", rows)
        store.begin_job(window.number, "label-2", rows[1:])
        store.keep_handle(JobHandle("import-1", "label-2", {"uploaded": "yes"}, 60.0))
        again = reopened()
        (found,) = again.open_windows()
        assert [(job.label, job.operations) for job in found.jobs] == [("label-1", rows), ("label-2", rows[1:])]
        assert [job.handle for job in found.jobs] == [None, JobHandle("import-1", "label-2", {"uploaded": "yes"}, 60.0)]
        assert found.jobs[1].until == found.jobs[1].begun_at + 60.0
        again.settle(window.number, [Settled(intent.address, "not_done") for intent in found.open_rows])
        again.close_window(window.number)
        with pytest.raises(ValueError, match="not open"):
            again.begin_job(window.number, "label-3", rows)
        with pytest.raises(ValueError, match="never begun"):
            again.keep_handle(JobHandle("import-1", "label-2"))

    def test_an_open_window_survives_with_its_intents(self, store: Store, reopened: Callable[[], Store]) -> None:
        """Whoever takes over finds the intents as they were, in the order of the batch."""
        base = base_of(store, "b")
        rich = Intent(
            user("b"),
            "user",
            "update",
            "b",
            "id at the destination",
            b"desired1",
            b"actual_1",
            {"email": b"fingerpr", "plan": b"other_fp"},
            base,
            {"organization": address("organization", "acme")},
        )
        window = store.open_window("run", PLAN, "api", [intent_of("c"), rich, intent_of("a", "factor", "totp")])
        (found,) = reopened().open_windows()
        assert found == window
        assert [intent.person for intent in found.open_rows] == ["c", "b", "a"]
        assert found.open_rows[1] == rich

    def test_settled_intents_are_no_longer_open(self, store: Store, reopened: Callable[[], Store]) -> None:
        """Outcome and base row go together; the rest of the window stays open."""
        window = store.open_window("run", PLAN, "api", [intent_of("a"), intent_of("b")])
        base = base_of(store, "a")
        store.settle(window.number, [landed(base)])
        again = reopened()
        (found,) = again.open_windows()
        assert [intent.person for intent in found.open_rows] == ["b"]
        assert again.person("a") == base

    def test_a_settled_window_is_open_until_it_is_closed(self, store: Store) -> None:
        """A window without open rows is listed until somebody closes it."""
        window = store.open_window("run", PLAN, "api", [intent_of("a")])
        store.settle(window.number, [landed(base_of(store, "a"))])
        (found,) = store.open_windows()
        assert (found.number, found.open_rows) == (window.number, ())
        store.close_window(window.number)
        assert store.open_windows() == []

    def test_a_window_with_open_rows_cannot_be_closed(self, store: Store) -> None:
        """An intent without an outcome must not be forgotten."""
        window = store.open_window("run", PLAN, "api", [intent_of("a")])
        with pytest.raises(ValueError, match="without an outcome"):
            store.close_window(window.number)
        assert len(store.open_windows()) == 1

    def test_windows_are_settled_only_while_open_and_for_their_own(self, store: Store) -> None:
        """An outcome of a stranger or of a closed window is a bug, and writes nothing."""
        window = store.open_window("run", PLAN, "api", [intent_of("a")])
        with pytest.raises(ValueError, match="not in it"):
            store.settle(window.number, [landed(base_of(store, "b"))])
        store.settle(window.number, [Settled(user("a"), "stale", person="a")])
        store.close_window(window.number)
        with pytest.raises(ValueError, match="not open"):
            store.settle(window.number, [landed(base_of(store, "a"))])
        assert store.count_people() == 0

    def test_an_address_occurs_once_in_a_window(self, store: Store) -> None:
        """Two operations on one address are never in flight together."""
        with pytest.raises(ValueError, match="twice"):
            store.open_window("run", PLAN, "api", [intent_of("a"), intent_of("a")])
        assert store.open_windows() == []

    def test_windows_have_labels_of_their_own(self, store: Store) -> None:
        """A label finds a vendor's job again, so no two windows share one."""
        labels = {store.open_window("run", PLAN, "job", [intent_of(one)]).label for one in "abc"}
        assert len(labels) == 3

    def test_finished_tells_what_needs_nothing_more(self, store: Store, reopened: Callable[[], Store]) -> None:
        """Done, already and stale are finished, in open and closed windows of this plan; nothing else is."""
        results: list[Result] = ["done", "already", "stale", "failed", "conflict", "not_done", "not_yet", "unknown"]
        store.open_plan(PLAN, "digest")
        for when in ("closed", "open"):
            window = store.open_window("run", PLAN, "api", [intent_of(f"{when} {result}") for result in results])
            store.settle(window.number, [Settled(user(f"{when} {result}"), result) for result in results])
            if when == "closed":
                store.close_window(window.number)
        again = reopened()
        expected = {user(f"{when} {result}") for when in ("closed", "open") for result in results[:3]}
        finished = again.finished(PLAN)
        assert set(finished) == expected
        assert len(finished) == len(expected)
        assert user("closed done") in finished
        assert user("open stale") in finished
        assert user("open failed") not in finished
        assert user("stranger") not in finished
        assert len(again.finished("another plan")) == 0

    def test_a_later_outcome_replaces_the_earlier(self, store: Store) -> None:
        """What failed and then went well is finished, and no failure."""
        run = store.begin_run("apply", PLAN)
        window = store.open_window(run, PLAN, "api", [intent_of("a")])
        store.settle(window.number, [Settled(user("a"), "failed", person="a", code="busy", message="try again")])
        store.settle(window.number, [landed(base_of(store, "a"))])
        store.close_window(window.number)
        assert list(store.failures(run)) == []
        assert set(store.finished(PLAN)) == {user("a")}

    def test_closing_a_plan_forgets_what_was_finished_and_keeps_failures(self, store: Store) -> None:
        """What a report needs outlives the plan; the list of finished addresses does not."""
        store.open_plan(PLAN, "digest")
        run = store.begin_run("apply", PLAN)
        window = store.open_window(run, PLAN, "api", [intent_of("a"), intent_of("b")])
        failure = Settled(user("b"), "failed", "id", "b", code="taken", message="the login is another's")
        store.settle(window.number, [landed(base_of(store, "a")), failure])
        store.close_window(window.number)
        store.close_plan(PLAN)
        assert list(store.finished(PLAN)) == []
        assert list(store.failures(run)) == [failure]

    # -- runs
    def test_runs_are_kept_in_order(self, store: Store, reopened: Callable[[], Store]) -> None:
        """A run that did not end has neither a time nor a code."""
        first, second = store.begin_run("apply", PLAN), store.begin_run("recover", "")
        store.end_run(first, 5, {"failed": 3, "codes": {"taken": 3}})
        runs = reopened().runs()
        assert [(run.id, run.command, run.plan_id, run.exit_code) for run in runs] == [
            (first, "apply", PLAN, 5),
            (second, "recover", "", None),
        ]
        assert runs[0].report == {"failed": 3, "codes": {"taken": 3}}
        assert runs[0].ended_at is not None
        assert runs[0].ended_at >= runs[0].started_at
        assert runs[1].ended_at is None

    def test_a_run_that_never_began_cannot_end(self, store: Store) -> None:
        """Ending the unknown is a bug of the caller."""
        with pytest.raises(ValueError, match="never began"):
            store.end_run("nobody", 0, {})

    def test_failures_belong_to_their_run(self, store: Store) -> None:
        """Every outcome but done and already is a failure of its run, in the order they came about."""
        ids = [f"person {number}" for number in range(1100)]
        runs = [store.begin_run("apply", PLAN) for _ in range(2)]
        for run in runs:
            window = store.open_window(run, PLAN, "api", [intent_of(one) for one in ids])
            store.settle(
                window.number, [Settled(user(one), "failed", person=one, code="invalid", message=run) for one in ids]
            )
            store.close_window(window.number)
        failures = list(store.failures(runs[1]))
        assert [failure.person for failure in failures] == ids
        assert {failure.message for failure in failures} == {runs[1]}

    def test_addresses_and_numbers_in_messages_are_masked(self, store: Store) -> None:
        """A vendor's message is kept without e-mail addresses and phone numbers."""
        run = store.begin_run("apply", PLAN)
        window = store.open_window(run, PLAN, "api", [intent_of("a")])
        message = "ada@example.com is taken, so is +1 202 555 0143"
        store.settle(window.number, [Settled(user("a"), "failed", code="taken", message=message)])
        (failure,) = store.failures(run)
        assert "ada" not in failure.message
        assert "0143" not in failure.message

    def test_closing_twice_is_harmless(self, store: Store) -> None:
        """A store may be closed again by whoever cleans up."""
        store.close()
        store.close()
