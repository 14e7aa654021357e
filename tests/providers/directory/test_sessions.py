"""Sessions on one file: who is refused, who waits, what each sees."""

import os
import pickle
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolshift.errors import AccessDenied, InputError, ProviderDown
from poolshift.provider.calls import SessionCalls, WriteRefused
from poolshift.provider.operation import Batch, Code, Failed
from poolshift.provider.schema import Shape
from poolshift.provider.session import Partial, Want
from poolshift_providers.directory import PROVIDER, canonical_form
from poolshift_providers.directory.database import create
from poolshift_providers.directory.settings import Settings
from tests.providers.directory.world import KINDS, World, operation


def test_reading_changes_no_byte_of_the_file(world: World) -> None:
    """Plan leaves a destination as it is: content, neighbours, everything."""
    world.put("user", {"email": "ann@example.com"})
    before = {path.name: path.read_bytes() for path in world.folder.iterdir()}
    reader = world.reader()
    list(reader.read(Want(frozenset(KINDS))))
    list(reader.lookup("user", "email", ["ann@example.com"]))
    reader.schema()
    reader.access()
    assert {path.name: path.read_bytes() for path in world.folder.iterdir()} == before


def test_a_session_that_only_reads_makes_no_writer(world: World) -> None:
    """The calls of plan refuse, whatever the provider asks."""
    with pytest.raises(WriteRefused):
        PROVIDER.writer(world.settings, world.calls(writes=False), world.schema)


def test_a_missing_file_is_never_created_by_a_session(tmp_path: Path) -> None:
    """Only `init` and the demo make a directory."""
    settings = Settings(path="people.db")
    calls = SessionCalls(tmp_path, writes=True)
    with pytest.raises(AccessDenied, match="DIRECTORY_NOT_FOUND"):
        PROVIDER.reader(settings, calls)
    with pytest.raises(AccessDenied, match="DIRECTORY_NOT_FOUND"):
        PROVIDER.writer(settings, calls, PROVIDER.documented(settings))
    assert os.listdir(tmp_path) == []


def test_another_program_s_database_is_refused_in_one_line(tmp_path: Path) -> None:
    """An SQLite file of somebody else is exit 9, and is not touched."""
    sqlite3.connect(tmp_path / "people.db").executescript("CREATE TABLE users (id)")
    before = (tmp_path / "people.db").read_bytes()
    with pytest.raises(AccessDenied, match=r"people.db: error DIRECTORY_NOT_OURS") as error:
        PROVIDER.reader(Settings(path="people.db"), SessionCalls(tmp_path))
    assert error.value.exit_code == 9
    assert len(str(error.value.diagnostics[0].summary).splitlines()) == 1
    assert (tmp_path / "people.db").read_bytes() == before


def test_a_damaged_directory_is_refused(world: World) -> None:
    """A file whose pages are gone is not read as an empty directory."""
    file = world.folder / "people.db"
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * (len(file.read_bytes()) - 4096))
    with pytest.raises(AccessDenied):
        list(world.reader().read(Want(frozenset(KINDS))))


def test_a_directory_of_a_later_format_is_refused(world: World) -> None:
    """An older poolshift does not guess at a newer file."""
    sqlite3.connect(world.folder / "people.db").execute("PRAGMA user_version = 2")
    with pytest.raises(AccessDenied, match=r"DIRECTORY_VERSION.*format 2"):
        world.reader()


def test_case_folding_cannot_be_changed_after_creation(world: World) -> None:
    """The unique addresses in the file were made under one rule."""
    with pytest.raises(InputError, match=r"DIRECTORY_SETTING.*case_fold: true"):
        PROVIDER.reader(Settings(path="people.db", case_fold=False), world.calls(writes=False))


def test_creating_never_overwrites_and_keeps_the_file_private(world: World) -> None:
    """A second `init` leaves the first directory alone; nobody else can read people's data."""
    file = world.folder / "people.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with pytest.raises(InputError, match="DIRECTORY_EXISTS"):
        create(file, world.settings)
    assert file.read_bytes() == before
    with pytest.raises(InputError, match="DIRECTORY_NOT_CREATED"):
        create(world.folder / "no" / "people.db", Settings(path="x"))


def test_attributes_that_the_file_refuses_leave_no_file(tmp_path: Path) -> None:
    """A name that is too long is found by the file itself, and the half-made directory is taken away."""
    (tmp_path / "a.yaml").write_text("attributes: {%s: {}}" % ("x" * 64))
    with pytest.raises(InputError, match=r"DIRECTORY_NOT_CREATED.*SQLITE_CONSTRAINT_CHECK"):
        World(tmp_path, schema="a.yaml")
    assert not (tmp_path / "people.db").exists()


@pytest.mark.parametrize("text", ["attributes: {plan: {type: text}}", "attributes: [", "plan: {}", None])
def test_a_faulty_file_of_attributes_is_refused_before_anything_is_created(tmp_path: Path, text: str | None) -> None:
    """No directory is left half-declared."""
    if text is not None:
        (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(InputError, match=r"a\.yaml: error DIRECTORY_SCHEMA"):
        World(tmp_path, schema="a.yaml")
    assert not (tmp_path / "people.db").exists()


def test_two_directories_are_two_ends_and_a_copy_is_the_same(world: World, tmp_path: Path) -> None:
    """The fingerprint is the file's own id."""
    mine = world.reader().fingerprint()
    assert mine["provider"] == "directory"
    (tmp_path / "other").mkdir()
    assert World(tmp_path / "other").reader().fingerprint() != mine
    (tmp_path / "copy.db").write_bytes((tmp_path / "people.db").read_bytes())
    assert PROVIDER.reader(Settings(path="copy.db"), world.calls(writes=False)).fingerprint() == mine


def test_what_one_session_writes_another_sees_at_once(world: World) -> None:
    """A reader that was opened before sees it too: lookups have no lag."""
    reader = world.reader()
    id = world.put("user", {"email": "ann@example.com", "username": "ann", "external_id": "s1"})
    for key, value in (("id", id), ("email", "ANN@example.com"), ("username", "ann"), ("external_id", "s1")):
        (found,) = reader.lookup("user", key, [value])
        assert found.value == value
        assert found.sure
        assert [record.id for record in found.records] == [id]


def test_a_writer_is_not_stopped_by_a_reader_between_two_pages(world: World) -> None:
    """Reading a large directory does not lock it."""
    world.put("user", {"email": "ann@example.com"})
    pages = world.reader().read(Want(frozenset({"user"})))
    next(pages)
    world.put("user", {"email": "bo@example.com"})
    assert [len(page.records) for page in pages] == [1, 0]


def test_a_locked_file_is_tried_again_and_names_the_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another writer makes a write BUSY and a reading fail clearly; afterwards both work."""
    monkeypatch.setattr("poolshift.provider.calls._BUSY_SECONDS", 0.05)
    reader = world.reader()
    other = sqlite3.connect(world.folder / "people.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ProviderDown, match="DIRECTORY_LOCKED"):
        list(reader.lookup("user", "email", ["ann@example.com"]))
    other.execute("ROLLBACK")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Failed) as error:
        world.send(operation("user", "create", {"email": "ann@example.com"}))
    assert error.value.failure.code is Code.BUSY
    other.execute("ROLLBACK")
    world.put("user", {"email": "ann@example.com"})


def test_a_full_disk_is_down_and_leaves_nothing(world: World) -> None:
    """A file that cannot grow refuses the whole batch and goes on when there is room."""
    with world.calls(writes=True) as calls:
        writer = PROVIDER.writer(world.settings, calls, world.schema)
        connection: sqlite3.Connection = writer._connection  # type: ignore[attr-defined]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        rows = [
            operation("user", "create", {"email": f"u{n}@example.com", "name": "x" * 256, "picture": "x" * 2000})
            for n in range(100)
        ]
        with pytest.raises(Failed) as error:
            writer.send(world.route("batch", "user"), Batch(tuple(rows)))
        assert error.value.failure.code is Code.DOWN
        assert world.records("user")["user"] == []
        connection.execute("PRAGMA max_page_count = 100000")
        assert len(list(writer.send(world.route("batch", "user"), Batch(tuple(rows))))) == 100  # type: ignore[arg-type]


def test_a_file_that_may_not_be_written_denies(world: World) -> None:
    """Without the right to write, the run stops instead of trying again."""
    with world.calls(writes=True) as calls:
        writer = PROVIDER.writer(world.settings, calls, world.schema)
        writer._connection.execute("PRAGMA query_only = ON")  # type: ignore[attr-defined]
        with pytest.raises(Failed) as error:
            writer.send(world.route("api", "user"), Batch((operation("user", "create", {"email": "a@example.com"}),)))
        assert error.value.failure.code is Code.DENIED


def test_many_pages_are_read_once_each_and_in_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No user is missed or repeated at the edge of a page."""
    monkeypatch.setattr("poolshift_providers.directory.reader.PAGE", 3)
    rows = [operation("user", "create", {"email": f"u{n}@example.com"}) for n in range(9)]
    ids = [outcome.id for outcome in world.send(*rows, route="batch")]
    world.send(operation("user", "delete", id=ids[3]))
    assert [record.id for record in world.records("user")["user"]] == ids[:3] + ids[4:]


def test_every_kind_ends_once_and_after_what_it_refers_to(world: World) -> None:
    """Parents come first; what the directory does not hold is told as partial."""
    pages = world.reader().read(Want(frozenset((*KINDS, "credential"))))
    ends = [(page.kind, page.end) for page in pages if page.end is not None]
    assert [kind for kind, _ in ends] == ["credential", *KINDS]
    assert [kind for kind, end in ends if isinstance(end, Partial)] == ["credential"]


def test_lookups_of_many_values_are_split_and_answered_in_order(world: World) -> None:
    """Each value has one answer, found or not, beyond the number a single query takes."""
    rows = [operation("user", "create", {"email": f"u{n}@example.com"}) for n in range(100)]
    world.send(*rows, route="batch")
    asked = [f"u{n}@example.com" for n in range(250)]
    found = list(world.reader().lookup("user", "email", asked))
    assert [one.value for one in found] == asked
    assert [len(one.records) for one in found] == [1] * 100 + [0] * 150


def test_every_declared_key_finds_its_record(world: World) -> None:
    """Whatever the schema says can be looked up, can be."""
    user = world.put("user", {"email": "ann@example.com", "username": "ann", "external_id": "s1"})
    parents = {"organization": {"key": "acme"}, "role": {"name": "editor"}, "group": {"name": "staff"}}
    for parent, values in parents.items():
        id = world.put(parent, values)  # type: ignore[arg-type]
        world.put(f"{parent}_member", {}, user=user, **{parent: id})  # type: ignore[arg-type]
    world.put("link", {"provider": "Google", "subject": "1"}, user=user)
    reader = world.reader()
    for kind, records in world.records().items():
        for key in world.schema.kinds[kind].keys:
            for record in records:
                value: Any = record.id if key.path == "id" else record.values.get(key.path, user)
                (found,) = reader.lookup(kind, key.path, [value])
                assert found.records == (record,)


def test_the_schema_travels_to_worker_processes(world: World) -> None:
    """Canonical forms are module functions: kinds pickle, documented and live alike."""
    for schema in (world.schema, PROVIDER.documented(world.settings)):
        assert pickle.loads(pickle.dumps(schema.kinds)) == schema.kinds
    live, offline = world.schema.kinds["user"], PROVIDER.documented(world.settings).kinds["user"]
    assert all(offline.field_at(path) is not None for path in live.fields)


def test_every_call_costs_one_write(world: World) -> None:
    """A hundred users in a batch are one call, alone they are a hundred."""
    shape = Shape("user", "create", frozenset(), frozenset(), 250)
    assert world.route("batch", "user").cost(shape).calls == {"writes": 3}
    assert world.route("api", "user").cost(shape).calls == {"writes": 250}


def test_every_change_a_kind_can_take_has_a_route(world: World) -> None:
    """What the schema offers, some route writes."""
    for kind, schema in world.schema.kinds.items():
        offered = {verb for verb, support in schema.verbs.items() if support.level.value == "full"}
        assert offered == {verb for route in world.schema.routes if route.kind == kind for verb in route.verbs}


@given(st.text())
def test_canonical_forms_are_idempotent(text: str) -> None:
    """Applied to its own result, each form changes nothing, over all of Unicode."""
    for form in (canonical_form.text, canonical_form.folded, canonical_form.attribute_path):
        once = form(text)
        assert form(once) == once
    assert canonical_form.texts([text]) == canonical_form.texts(canonical_form.texts([text]))


def test_without_case_folding_addresses_differ_by_case(tmp_path: Path) -> None:
    """A case-sensitive directory holds both, and finds each by its own spelling."""
    world = World(tmp_path, case_fold=False, required=())
    ids = [world.put("user", {"email": email}) for email in ("ann@example.com", "Ann@example.com")]
    found = world.reader().lookup("user", "email", ["ann@example.com", "Ann@example.com"])
    assert [one.records[0].id for one in found] == ids
    world.put("user", {"username": "nobody"})
