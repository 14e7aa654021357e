"""Which values of a person are keys: read from the destination's schema, nothing is hard-coded."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from poolshift.gather.rows import DECLARED, LOGIN, UNIQUE, VERIFIED, safe
from poolshift.identity.value import Path, Value
from poolshift.provider.schema import KindSchema


@dataclass(frozen=True, slots=True)
class KeyTypes:
    """Paths by what they are good for.

    login: every field people sign in with, one namespace; e-mails first, so that a username that is one counts as one.
    verified: (field, its flag), a match where the flag is true on both sides.
    declared: fields the spec declares a match. unique: other fields the destination keeps unique.
    """

    login: tuple[Path, ...]
    verified: tuple[tuple[Path, Path], ...]
    declared: tuple[Path, ...]
    unique: tuple[Path, ...]
    email: frozenset[Path]
    source_id: Path | None
    owner: Path | None

    def of(self, fields: Mapping[Path, Value]) -> Iterable[tuple[bytes, Path]]:
        """(key, path) of the login, declared and unique values of a record; equal keys once."""
        found: dict[bytes, Path] = {}
        for path in self.login:
            value = fields.get(path)
            if value and isinstance(value, str):
                found.setdefault(LOGIN + safe(value), path)
        for path in self.declared:
            value = fields.get(path)
            if value and isinstance(value, str):
                found[DECLARED + safe(f"{path}={value}")] = path
        for path in self.unique:
            value = fields.get(path)
            if value and isinstance(value, str):
                found[UNIQUE + safe(f"{path}={value}")] = path
        return found.items()

    def of_verified(self, fields: Mapping[Path, Value], proven: Container[Path]) -> list[tuple[bytes, Path]]:
        """(key, path) of the verified values; ``proven``: the fields whose flag is true."""
        return [
            (VERIFIED + safe(f"{path}={value}"), path)
            for path, _ in self.verified
            if path in proven and isinstance(value := fields.get(path), str) and value
        ]


def key_types(user: KindSchema, match: tuple[str, ...], source_id: Path | None) -> KeyTypes:
    """The key types of a destination's users; ``match`` is the spec's ``users.match``."""
    emails = user.with_role("email")
    wanted = [*emails] if "verified_email" in match else []
    if "verified_phone_number" in match:
        wanted += user.with_role("phone")
    verified = tuple((path, flag) for path in wanted if (flag := user.fields[path].verified_by) is not None)
    login = tuple(sorted(user.with_role("login"), key=lambda path: path not in emails))
    owner = next(iter(user.with_role("owner")), None)
    single = {next(iter(paths)) for paths, _ in user.unique if len(paths) == 1}
    return KeyTypes(
        login=login,
        verified=verified,
        declared=user.with_role("username") if "username" in match else (),
        unique=tuple(sorted(single - {*login, source_id, owner})),
        email=frozenset(emails),
        source_id=source_id if "source_id" in match else None,
        owner=owner,
    )
