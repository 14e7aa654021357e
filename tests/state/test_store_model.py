"""Random sequences of calls: the store and a few dictionaries always tell the same."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from poolshift.identity.address import address, hash64
from poolshift.state.base import Base, ElementBase
from poolshift.state.opening import open_store
from poolshift.state.store import Intent, Result, Settled, Store
from tests.state.contract import RULES, user

PEOPLE = ["a", "b", "c", "d5b1a7b0-5c9f-4c7e-9a57-000000000001", "d5b1a7b0-5c9f-4c7e-9a57-000000000002"]
PLANS = ["111111111111", "222222222222"]
FINISHED = ("done", "already", "stale")

people = st.sampled_from(PEOPLE)
plans = st.sampled_from(PLANS)
results: st.SearchStrategy[Result] = st.sampled_from(("done", "already", "stale", "failed", "conflict", "not_yet"))
fingerprints = st.binary(min_size=8, max_size=8)


class StoreModel(RuleBasedStateMachine):
    """base, windows (with the intents still open), finished addresses and plan statuses as plain dictionaries."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.base: dict[str, Base] = {}
        self.windows: dict[int, dict[str, Result | None]] = {}
        self.plan_of: dict[int, str] = {}
        self.finished: dict[str, set[str]] = {plan: set() for plan in PLANS}
        self.status = dict.fromkeys(PLANS, "new")

    @initialize()
    def begin(self) -> None:
        self.open_store()

    def open_store(self) -> None:
        self.store = open_store(Path(self.folder.name), "acme", {}, {}, write=True)
        self.rule_set = self.store.rule_set(RULES)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule()
    def reopen(self) -> None:
        """Another command takes over."""
        self.store.close()
        self.open_store()

    @rule(person=people, sent=fingerprints, seen=fingerprints, handover=st.booleans())
    def record(self, person: str, sent: bytes, seen: bytes, handover: bool) -> None:
        base = Base(person, person[::-1], self.rule_set, (sent, seen), handover, {"email": (sent, seen)})
        self.store.record([Settled(user(person), "done", base.destination_id, person, base)])
        self.base[person] = base

    @rule(person=people)
    def drop(self, person: str) -> None:
        self.store.record([Settled(user(person), "done", person=person, drop=True)])
        self.base.pop(person, None)

    @precondition(lambda self: self.base)
    @rule(
        data=st.data(), element=st.sampled_from([b"element1", b"element2"]), wanted=st.booleans(), there=st.booleans()
    )
    def merge(self, data: st.DataObject, element: bytes, wanted: bool, there: bool) -> None:
        person = data.draw(st.sampled_from(sorted(self.base)))
        name = address("group_member", person, "g")
        self.store.record([Settled(name, "done", person=person, elements={element: (wanted, there)})])
        if wanted or there:
            self.base[person].elements[element] = ElementBase(wanted, there)
        else:
            self.base[person].elements.pop(element, None)

    @rule(plan=plans, chosen=st.lists(people, unique=True, min_size=1))
    def open_window(self, plan: str, chosen: list[str]) -> None:
        intents = [Intent(user(one), "user", "update", one, one, b"desired1", b"actual_1") for one in chosen]
        window = self.store.open_window("run", plan, "api", intents)
        self.windows[window.number] = {user(one): None for one in chosen}
        self.plan_of[window.number] = plan

    @precondition(lambda self: self.windows)
    @rule(data=st.data(), result=results, sent=fingerprints)
    def settle(self, data: st.DataObject, result: Result, sent: bytes) -> None:
        number = data.draw(st.sampled_from(sorted(self.windows)))
        name = data.draw(st.sampled_from(sorted(self.windows[number])))
        person = name[len('user["') : -len('"]')]
        base = Base(person, "id", self.rule_set, fields={"plan": (sent, sent)}) if result == "done" else None
        self.store.settle(number, [Settled(name, result, "id", person, base)])
        self.windows[number][name] = result
        if base is not None:
            self.base[person] = base

    @precondition(lambda self: any(None not in window.values() for window in self.windows.values()))
    @rule()
    def close_window(self) -> None:
        number = min(number for number, window in self.windows.items() if None not in window.values())
        self.store.close_window(number)
        window = self.windows.pop(number)
        self.finished[self.plan_of[number]] |= {name for name, result in window.items() if result in FINISHED}

    @rule(plan=plans)
    def open_plan(self, plan: str) -> None:
        if self.status[plan] != "closed":
            self.store.open_plan(plan, "digest of " + plan)
            self.status[plan] = "open"

    @rule(plan=plans)
    def close_plan(self, plan: str) -> None:
        if self.status[plan] == "open":
            self.store.close_plan(plan)
            self.status[plan] = "closed"
            self.finished[plan] = set()

    @invariant()
    def people_agree(self) -> None:
        expected = [self.base[one] for one in sorted(self.base, key=lambda one: hash64(one.encode()))]
        assert list(self.store.people()) == expected
        assert self.store.count_people() == len(expected)
        assert [self.store.person(one) for one in PEOPLE] == [self.base.get(one) for one in PEOPLE]

    @invariant()
    def windows_agree(self) -> None:
        found = {window.number: [intent.address for intent in window.open_rows] for window in self.store.open_windows()}
        assert found == {
            number: [name for name, result in window.items() if result is None]
            for number, window in self.windows.items()
        }

    @invariant()
    def plans_agree(self) -> None:
        for plan in PLANS:
            assert self.store.plan_status(plan) == self.status[plan]
            expected = self.finished[plan] | {
                name
                for number, window in self.windows.items()
                if self.plan_of[number] == plan
                for name, result in window.items()
                if result in FINISHED
            }
            finished = self.store.finished(plan)
            assert set(finished) == expected
            assert len(finished) == len(expected)
            assert {user(one) for one in PEOPLE if user(one) in finished} == expected


TestStoreModel = StoreModel.TestCase
TestStoreModel.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
