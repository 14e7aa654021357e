"""The floor: the least Python can do to plan the benchmark's migration. Imports orjson, hashlib and sqlite3 only.

It knows the one population of the benchmark: no checks, no collisions, no matching by e-mail, no findings, no masks,
no encryption. It parses the same export, makes the same canonical records by hand, digests both ends, and compares.
"""

import sqlite3
from hashlib import blake2b

import orjson

PARTS = 64
_BUFFER = 1 << 16
Document = dict[str, object]
_STATE = blake2b(key=b"the key of the floor", digest_size=16)
_PLANS: dict[str, str] = {"g": "gold", "s": "silver", "b": "bronze"}
_SELECT = (
    "SELECT external_id, username, email, email_verified, phone_number, phone_number_verified, name, given_name,"
    " family_name, locale, owner, enabled, attributes FROM users WHERE external_id IS NOT NULL"
)
_MEMBERS = (
    'SELECT users.external_id, groups.name FROM group_members JOIN groups ON groups.id = group_members."group"'
    " JOIN users ON users.id = group_members.user WHERE users.external_id IS NOT NULL"
)


def fields_of(username: str, enabled: bool, pairs: list[dict[str, str]]) -> Document:
    """One user of the export as the directory should hold it: 14 fields. pairs: its Attributes."""
    own = {pair["Name"]: pair["Value"] for pair in pairs}
    given, family = own["given_name"], own["family_name"]
    return {
        "username": username,
        "email": own["email"].lower(),
        "email_verified": own["email_verified"] == "true",
        "phone_number": own["phone_number"],
        "phone_number_verified": own["phone_number_verified"] == "true",
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "locale": own["locale"],
        "attributes.plan": _PLANS.get(own["custom:plan"], "free"),
        "attributes.score": int(own["custom:score"]),
        "external_id": own["sub"],
        "owner": "bench",
        "enabled": enabled,
    }


def digest_of(fields: Document) -> str:
    """32 hex digits, keyed."""
    state = _STATE.copy()
    state.update(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS))
    return state.hexdigest()


def loads_alone(folder: str) -> int:
    """Only parses the export; the number of its users and pages of members."""
    count = 0
    names = [f"groups/members/{name}.json" for name in group_names(folder)]
    for name in ["users.jsonl", *names]:
        with open(f"{folder}/{name}", "rb") as lines:
            for line in lines:
                orjson.loads(line)
                count += 1
    return count


def group_names(folder: str) -> list[str]:
    """The groups of the export."""
    with open(f"{folder}/groups/groups.json", "rb") as listed:
        return [group["GroupName"] for group in orjson.loads(listed.read())["Groups"]]


class Parts:
    """Rows of text on disk, by the hash of the person."""

    def __init__(self, folder: str, name: str) -> None:
        self._names = [f"{folder}/{name}-{part}" for part in range(PARTS)]
        self._files = [open(name, "w", _BUFFER) for name in self._names]  # noqa: SIM115 - closed by `close`
        self.writes = [file.write for file in self._files]

    def close(self) -> None:
        for file in self._files:
            file.close()

    def read(self, part: int) -> list[str]:
        with open(self._names[part]) as rows:
            return rows.read().splitlines()


def source(folder: str, out: str) -> Parts:
    """The source's side: parse, map, canonical bytes, digest, partition."""
    parts = Parts(out, "source")
    writes = parts.writes
    with open(f"{folder}/users.jsonl", "rb") as lines:
        for line in lines:
            user = orjson.loads(line)
            fields = fields_of(user["Username"], user["Enabled"], user["Attributes"])
            sub = fields["external_id"]
            writes[hash(sub) % PARTS](f"{sub}\t{digest_of(fields)}\n")
    parts.close()
    return parts


def source_members(folder: str, out: str) -> Parts:
    """Who is in which group, from the pages of list-users-in-group."""
    parts = Parts(out, "source-members")
    writes = parts.writes
    for name in group_names(folder):
        with open(f"{folder}/groups/members/{name}.json", "rb") as pages:
            for page in pages:
                document = orjson.loads(page)
                group = document["GroupName"]
                for user in document["Users"]:
                    sub = next(pair["Value"] for pair in user["Attributes"] if pair["Name"] == "sub")
                    writes[hash(sub) % PARTS](f"{sub}\t{group}\n")
    parts.close()
    return parts


def destination(folder: str, out: str) -> tuple[Parts, Parts]:
    """The directory's people, digested the same way."""
    parts = Parts(out, "destination")
    writes = parts.writes
    db = sqlite3.connect(f"file:{folder}/people.directory?mode=ro", uri=True)
    for row in db.execute(_SELECT):
        sub, username, email, verified, phone, phone_verified, name, given, family, locale, owner, enabled, more = row
        fields = {
            "username": username,
            "email": email,
            "email_verified": verified == 1,
            "phone_number": phone,
            "phone_number_verified": phone_verified == 1,
            "name": name,
            "given_name": given,
            "family_name": family,
            "locale": locale,
            "external_id": sub,
            "owner": owner,
            "enabled": enabled == 1,
        }
        fields.update(orjson.loads(more))
        writes[hash(sub) % PARTS](f"{sub}\t{digest_of(fields)}\n")
    parts.close()
    members = Parts(out, "destination-members")
    writes = members.writes
    for sub, group in db.execute(_MEMBERS):
        writes[hash(sub) % PARTS](f"{sub}\t{group}\n")
    members.close()
    db.close()
    return parts, members


def base(folder: str, out: str) -> Parts:
    """The digests of both ends as the last run left them."""
    parts = Parts(out, "base")
    writes = parts.writes
    with open(f"{folder}/floor.base") as rows:
        for row in rows:
            writes[hash(row[:36]) % PARTS](row)
    parts.close()
    return parts


def joined(people: Parts, members: Parts, part: int) -> dict[str, str]:
    """One partition of one end: person -> digest over fields and groups."""
    groups: dict[str, list[str]] = {}
    for row in members.read(part):
        sub, _, group = row.partition("\t")
        groups.setdefault(sub, []).append(group)
    found = {}
    for row in people.read(part):
        sub, _, digest = row.partition("\t")
        state = _STATE.copy()
        state.update("\t".join([digest, *sorted(groups.get(sub, ()))]).encode())
        found[sub] = state.hexdigest()
    return found


def remember(folder: str, out: str) -> int:
    """Writes ``floor.base``: what the floor's last run would have left; the number of people in it."""
    wanted, wanted_members = source(folder, out), source_members(folder, out)
    there, there_members = destination(folder, out)
    count = 0
    with open(f"{folder}/floor.base", "w", _BUFFER) as rows:
        for part in range(PARTS):
            actual = joined(there, there_members, part)
            for sub, digest in joined(wanted, wanted_members, part).items():
                rows.write(f"{sub}\t{digest}\t{actual[sub]}\n")
                count += 1
    return count


def plan(folder: str, out: str) -> dict[str, int]:
    """The whole plan: counts of created, changed, equal and gone; changed rows in an SQLite file."""
    wanted, wanted_members = source(folder, out), source_members(folder, out)
    there, there_members = destination(folder, out)
    last = base(folder, out)
    db = sqlite3.connect(f"{out}/floor.plan", isolation_level=None)
    db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; CREATE TABLE rows (person, action, digest);")
    db.execute("BEGIN")
    counts = {"created": 0, "changed": 0, "equal": 0, "gone": 0}
    for part in range(PARTS):
        actual = joined(there, there_members, part)
        before = {}
        for row in last.read(part):
            sub, desired_then, actual_then = row.split("\t")
            before[sub] = desired_then, actual_then
        changed = []
        for sub, digest in joined(wanted, wanted_members, part).items():
            pair = before.pop(sub, None)
            if pair is None:
                changed.append((sub, "created", digest))
            elif pair[0] == digest and pair[1] == actual.get(sub):
                counts["equal"] += 1
            else:
                changed.append((sub, "changed", digest))
        changed += [(sub, "gone", "") for sub in before]
        for _, action, _ in changed:
            counts[action] += 1
        db.executemany("INSERT INTO rows VALUES (?, ?, ?)", changed)
    db.execute("COMMIT")
    db.close()
    return counts
