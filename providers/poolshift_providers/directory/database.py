"""The directory file: its tables, and what they refuse by themselves.

A constraint's name is the path of the field it guards; a trigger says ``rule:<path>``. `refusals` reads both.
"""

import os
import sqlite3
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from poolshift.diagnostics import Place
from poolshift.errors import AccessDenied, InputError
from poolshift.provider.session import Calls
from poolshift_providers.directory.settings import Attribute, Settings, read_attributes

APPLICATION_ID: Final = 0x70736469
VERSION: Final = 1
PREFIX: Final = "attributes."

_DDL: Final = """
CREATE TABLE directory (id TEXT NOT NULL, case_fold INTEGER NOT NULL, created_at TEXT NOT NULL) STRICT;

CREATE TABLE attributes (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE CONSTRAINT name CHECK (name GLOB 'attributes.?*' AND length(name) <= 64),
    type TEXT NOT NULL CONSTRAINT type CHECK (type IN ('string', 'number', 'boolean', 'date')),
    max_length INTEGER CONSTRAINT max_length CHECK (max_length >= 1)
) STRICT;

CREATE TABLE organizations (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE CONSTRAINT key CHECK (length(key) BETWEEN 1 AND 256),
    name TEXT CONSTRAINT name CHECK (length(name) <= 256),
    domains TEXT
) STRICT;

CREATE TABLE roles (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL CONSTRAINT name CHECK (length(name) BETWEEN 1 AND 256),
    scope TEXT NOT NULL DEFAULT '' CONSTRAINT scope
        CHECK (scope = '' OR scope GLOB 'organization:?*' OR scope GLOB 'application:?*'),
    organization TEXT REFERENCES organizations (id),
    UNIQUE (name, scope)
) STRICT;

CREATE TABLE groups (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE CONSTRAINT name CHECK (length(name) BETWEEN 1 AND 256),
    description TEXT CONSTRAINT description CHECK (length(description) <= 2048),
    precedence INTEGER CONSTRAINT precedence CHECK (precedence >= 0)
) STRICT;

CREATE TABLE users (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    external_id TEXT UNIQUE CONSTRAINT external_id CHECK (length(external_id) BETWEEN 1 AND 256),
    username TEXT UNIQUE CONSTRAINT username CHECK (length(username) BETWEEN 1 AND 128),
    email TEXT UNIQUE CONSTRAINT email CHECK (length(email) <= 254 AND email GLOB '?*@?*'),
    email_verified INTEGER,
    phone_number TEXT CONSTRAINT phone_number CHECK (length(phone_number) <= 64),
    phone_number_verified INTEGER,
    name TEXT CONSTRAINT name CHECK (length(name) <= 256),
    given_name TEXT CONSTRAINT given_name CHECK (length(given_name) <= 256),
    family_name TEXT CONSTRAINT family_name CHECK (length(family_name) <= 256),
    middle_name TEXT CONSTRAINT middle_name CHECK (length(middle_name) <= 256),
    nickname TEXT CONSTRAINT nickname CHECK (length(nickname) <= 256),
    preferred_username TEXT CONSTRAINT preferred_username CHECK (length(preferred_username) <= 128),
    profile TEXT CONSTRAINT profile CHECK (length(profile) <= 2048),
    picture TEXT CONSTRAINT picture CHECK (length(picture) <= 2048),
    website TEXT CONSTRAINT website CHECK (length(website) <= 2048),
    gender TEXT CONSTRAINT gender CHECK (length(gender) <= 64),
    birthdate TEXT CONSTRAINT birthdate CHECK (length(birthdate) <= 10),
    zoneinfo TEXT CONSTRAINT zoneinfo CHECK (length(zoneinfo) <= 64),
    locale TEXT CONSTRAINT locale CHECK (length(locale) <= 64),
    owner TEXT CONSTRAINT owner CHECK (length(owner) <= 128),
    enabled INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL,
    address TEXT,
    attributes TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE organization_members (
    n INTEGER PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id),
    organization TEXT NOT NULL REFERENCES organizations (id),
    UNIQUE (user, organization)
) STRICT;

CREATE TABLE role_members (
    n INTEGER PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL REFERENCES roles (id),
    UNIQUE (user, role)
) STRICT;

CREATE TABLE group_members (
    n INTEGER PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id),
    "group" TEXT NOT NULL REFERENCES groups (id),
    UNIQUE (user, "group")
) STRICT;

CREATE TABLE links (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user TEXT NOT NULL REFERENCES users (id),
    provider TEXT NOT NULL CONSTRAINT provider CHECK (length(provider) BETWEEN 1 AND 256),
    subject TEXT NOT NULL CONSTRAINT subject CHECK (length(subject) BETWEEN 1 AND 256),
    UNIQUE (provider, subject)
) STRICT;
CREATE INDEX links_of_user ON links (user);

CREATE TRIGGER five_links BEFORE INSERT ON links
WHEN (SELECT count(*) FROM links WHERE user = new.user) >= 5
BEGIN SELECT RAISE(ABORT, 'rule:user'); END;

CREATE TRIGGER role_needs_membership BEFORE INSERT ON role_members
WHEN EXISTS (
    SELECT 1 FROM roles WHERE id = new.role AND organization IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM organization_members AS m WHERE m.user = new.user AND m.organization = roles.organization))
BEGIN SELECT RAISE(ABORT, 'rule:role'); END;

CREATE TRIGGER membership_has_roles BEFORE DELETE ON organization_members
WHEN EXISTS (
    SELECT 1 FROM role_members AS r JOIN roles ON roles.id = r.role
    WHERE r.user = old.user AND roles.organization = old.organization)
BEGIN SELECT RAISE(ABORT, 'rule:organization'); END;
"""


def now() -> str:
    """The time as stored: RFC 3339 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def create(path: Path, settings: Settings) -> None:
    """Make a new directory file; attributes of ``settings.attributes_file`` (beside it) are declared.

    Raises InputError: DIRECTORY_EXISTS, DIRECTORY_SCHEMA, DIRECTORY_NOT_CREATED.
    """
    declared = read_attributes(path.parent / settings.attributes_file) if settings.attributes_file else {}
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        remedy = "Choose another path, or move the file away."
        raise InputError.of("DIRECTORY_EXISTS", "the file is already there", remedy, Place(path.name)) from error
    except OSError as error:
        why = f"cannot be created: {error.strerror}"
        raise InputError.of("DIRECTORY_NOT_CREATED", why, "Check the folder.", Place(path.name)) from error
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript(
            f"BEGIN; {_DDL} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
        )
        row = (uuid.uuid4().hex, int(settings.case_fold), now())
        connection.execute("INSERT INTO directory VALUES (?, ?, ?)", row)
        _declare(connection, declared.items())
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        connection.close()
        path.unlink()
        why = f"cannot be created: {getattr(error, 'sqlite_errorname', error)}"
        raise InputError.of(
            "DIRECTORY_NOT_CREATED", why, "Check the disk and the attributes.", Place(path.name)
        ) from error
    finally:
        connection.close()


def _declare(connection: sqlite3.Connection, attributes: Iterable[tuple[str, Attribute]]) -> None:
    connection.executemany(
        "INSERT INTO attributes (id, name, type, max_length) VALUES (?, ?, ?, ?)",
        [(uuid.uuid4().hex, PREFIX + name, item.type, item.max_length) for name, item in attributes],
    )


def connect(settings: Settings, calls: Calls, *, writes: bool) -> tuple[sqlite3.Connection, str]:
    """Open the file and return its connection and its id.

    Raises AccessDenied (DIRECTORY_NOT_FOUND, DIRECTORY_NOT_OURS, DIRECTORY_VERSION), InputError DIRECTORY_SETTING.
    """
    connection = calls.database(settings.path, writes=writes)
    place = Place(settings.path)
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        row = connection.execute("SELECT id, case_fold FROM directory").fetchone() if version == VERSION else None
    except sqlite3.DatabaseError:
        application, version, row = 0, 0, None
    if application != APPLICATION_ID:
        remedy = "Check `path` in the settings."
        raise AccessDenied.of("DIRECTORY_NOT_OURS", "this is not a directory file", remedy, place)
    if row is None:
        why = f"the file has format {version}, this provider reads {VERSION}"
        raise AccessDenied.of("DIRECTORY_VERSION", why, "Use the poolshift that made it, or a newer one.", place)
    if bool(row[1]) != settings.case_fold:
        why = f"the directory was created with case_fold: {str(bool(row[1])).lower()}, which cannot be changed"
        raise InputError.of("DIRECTORY_SETTING", why, "Say the same in the settings.", place)
    return connection, row[0]
