"""The envelope of an approval: what may be done without asking again, as a keyed, self-contained token.

It binds the spec, the phase, the providers, both tenants and the lineage, and gives every change class a ceiling:
dangerous classes exactly as planned, others times the slack and at least 20 more. Sign-ups between review and merge
do not void an approval; one more disable does.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest
from math import ceil
from typing import Any, Final

import orjson

from poolshift import canonical
from poolshift.diagnostics import Diagnostic
from poolshift.plan.change_class import ChangeClass
from poolshift.plan.limits import EXACT

LEAST_SLACK: Final = 20
_MAC_BYTES: Final = 16
_PREFIX: Final = "ps1."


@dataclass(frozen=True, slots=True)
class Envelope:
    """``bound``: what must be the same; ``ceilings``: class id -> most changes; accepted: limits by exact count."""

    bound: Mapping[str, str]
    ceilings: Mapping[str, int]
    accepted: Mapping[str, int]
    expires_at: float


def seal(envelope: Envelope, key: bytes) -> str:
    """The token: base64 of the canonical JSON and its keyed digest."""
    data = canonical.encode(
        {
            "bound": dict(envelope.bound),
            "ceilings": dict(envelope.ceilings),
            "accepted": dict(envelope.accepted),
            "expires_at": int(envelope.expires_at),
        }
    )
    return _PREFIX + urlsafe_b64encode(_mac(data, key) + data).decode().rstrip("=")


def unseal(token: str, key: bytes) -> Envelope | None:
    """None for a token that this lineage did not make or that was changed."""
    if not token.startswith(_PREFIX):
        return None
    body = token.removeprefix(_PREFIX)
    try:
        data = urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except ValueError:
        return None
    mac, data = data[:_MAC_BYTES], data[_MAC_BYTES:]
    if not compare_digest(mac, _mac(data, key)):
        return None
    document: dict[str, Any] = orjson.loads(data)
    return Envelope(document["bound"], document["ceilings"], document["accepted"], float(document["expires_at"]))


def ceilings(classes: Iterable[ChangeClass], slack: float) -> dict[str, int]:
    return {
        own.id: own.count if own.dangers & EXACT else max(ceil(own.count * slack), own.count + LEAST_SLACK)
        for own in classes
        if own.is_change
    }


def exceeded(envelope: Envelope, bound: Mapping[str, str], classes: Iterable[ChangeClass]) -> list[Diagnostic]:
    """Why a fresh plan is outside the approval; empty when it is inside."""
    problems = [
        Diagnostic(
            "APPROVAL_VOID",
            f"the approval was given for another {name}",
            remedy="Plan again, have the new plan reviewed, and use its token.",
        )
        for name, value in sorted(envelope.bound.items())
        if bound.get(name) != value
    ]
    for own in sorted(classes, key=lambda own: own.id):
        if not own.is_change:
            continue
        ceiling = envelope.ceilings.get(own.id, 0 if own.dangers & EXACT else LEAST_SLACK)
        if own.count > ceiling:
            kind, action, fields, _ = own.key
            what = f"{action} {kind}" + (f" ({', '.join(fields)})" if fields else "")
            problems.append(
                Diagnostic(
                    "APPROVAL_EXCEEDED",
                    f"class {own.id}, {what}: {own.count} planned now, {ceiling} approved",
                    remedy="Plan again, have the new plan reviewed, and use its token.",
                )
            )
    return problems


def _mac(data: bytes, key: bytes) -> bytes:
    return blake2b(data, key=key, digest_size=_MAC_BYTES, person=b"poolshift-token").digest()
