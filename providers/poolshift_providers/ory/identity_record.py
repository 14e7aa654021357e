"""One identity as the admin API gives it becomes records. The hot path: once for every identity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path
from poolshift_providers.ory.traits import Trait, flags_of

CREDENTIAL: Final = "credential"
ENABLED: Final = "enabled"
EXTERNAL_ID: Final = "external_id"
ACTIVE: Final = "active"
INACTIVE: Final = "inactive"
METADATA: Final = ("metadata_public", "metadata_admin")


@dataclass(frozen=True, slots=True)
class Layout:
    """What of an identity schema is needed for every identity.

    flags: path of the verified flag -> (path of its trait, "email" or "sms").
    """

    flags: tuple[tuple[Path, Path, str], ...]

    @classmethod
    def of(cls, traits: Sequence[Trait]) -> "Layout":
        via = {trait.path: trait.verified_via for trait in traits}
        return cls(tuple((flag, path, via[path]) for path, flag in flags_of(traits).items()))


def folded(value: Any) -> Any:
    """An address as Kratos compares it: without case and without blanks around it."""
    return value.strip().lower() if isinstance(value, str) else value


def record_of(identity: Mapping[str, Any], layout: Layout, *, raw: bool = False) -> Record:
    """``raw``: keep the document, which an update needs. Raises KeyError for an identity without id or traits."""
    values: dict[Path, Any] = {"created_at": identity.get("created_at"), "updated_at": identity.get("updated_at")}
    _flatten("traits", identity["traits"], values)
    for name in METADATA:
        if identity.get(name):
            _flatten(name, identity[name], values)
    if identity.get(EXTERNAL_ID):
        values[EXTERNAL_ID] = identity[EXTERNAL_ID]
    values[ENABLED] = identity.get("state") != INACTIVE
    verified = {
        (own["via"], folded(own["value"])) for own in identity.get("verifiable_addresses") or () if own["verified"]
    }
    for flag, path, via in layout.flags:
        values[flag] = (via, folded(values.get(path))) in verified
    if identity.get("recovery_addresses"):
        values[CREDENTIAL] = "reset"
    return Record("user", identity["id"], values, raw=identity if raw else None)


def _flatten(prefix: str, value: Any, into: dict[Path, Any]) -> None:
    """A mapping at its own path and its values at theirs: a spec may fill either."""
    if not isinstance(value, dict):
        into[prefix] = value
        return
    for name, inner in value.items():
        path = f"{prefix}.{name}"
        into[path] = inner
        if isinstance(inner, dict):
            _flatten(path, inner, into)


def providers_of(identity: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(provider, subject) of every social sign-in; the tokens that stand beside them are not looked at."""
    credentials = identity.get("credentials") or {}
    config = (credentials.get("oidc") or {}).get("config") or {}
    for own in config.get("providers") or ():
        yield str(own["provider"]), str(own["subject"])


def link_records(identity: Mapping[str, Any]) -> list[Record]:
    """One record a social sign-in of an identity that was read with its oidc credential."""
    user = str(identity["id"])
    refs = {"user": Ref("", id=user)}
    return [
        Record("link", link_id(user, provider, subject), {"provider": provider, "subject": subject}, refs)
        for provider, subject in providers_of(identity)
    ]


def link_id(user: str, provider: str, subject: str) -> str:
    """Names a link without naming its subject, which is personal; salted by the identity."""
    digest = blake2b(f"{provider}\n{subject}".encode(), digest_size=8, key=user.encode()[:64]).hexdigest()
    return f"{user}\n{provider}\n{digest}"
