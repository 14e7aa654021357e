"""Three ways to map the same people: compiled from the spec, by hand, by templates. Each runs in its own process."""

import gc
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

import orjson
from jinja2.sandbox import SandboxedEnvironment

from bench.people import person
from bench.spec import FIELDS, SPEC, SPEC_FILE
from poolshift.identity.record import Record
from poolshift.mapping.desired import Desired
from poolshift.mapping.mapper import Mapper
from poolshift.provider.discovery import Installed
from poolshift.spec.load import load
from poolshift_providers.cognito_export.settings import Assume
from poolshift_providers.cognito_export.user_record import UserRecords

Map = Callable[[Record], Any]
_PHONE: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?\d+", re.ASCII)
_PLANS: Final = {"g": "gold", "s": "silver", "b": "bronze"}
_NOBODY: Final[frozenset[str]] = frozenset()
_EMAIL: Final = frozenset({"email"})
_TEMPLATES: Final = {
    "username": "{{ username }}",
    "email": "{{ email | lower }}",
    "email_verified": "{{ 'true' if email_verified else 'false' }}",
    "phone_number": "{{ phone_number }}",
    "phone_number_verified": "{{ 'true' if phone_number_verified else 'false' }}",
    "name": "{{ [given_name, family_name] | join(' ') }}",
    "given_name": "{{ given_name }}",
    "family_name": "{{ family_name }}",
    "locale": "{{ locale }}",
    "attributes.plan": "{{ {'g': 'gold', 's': 'silver', 'b': 'bronze'}.get(plan, 'free') }}",
    "attributes.score": "{{ score | int }}",
    "external_id": "{{ sub }}",
    "owner": "bench",
    "enabled": "{{ 'true' if enabled else 'false' }}",
}


def compiled(people: str) -> tuple[float, str]:
    """The engine's function."""
    with tempfile.TemporaryDirectory() as folder:
        mapper = mapper_in(Path(folder))
    function = mapper.map
    return _timed(people, lambda record: function(record.id, record.values), lambda desired: desired.fields)


def mapper_in(folder: Path) -> Mapper:
    """The mapper of the benchmark's spec."""
    (folder / SPEC_FILE).write_text(SPEC)
    installed = Installed()
    spec = load(folder / SPEC_FILE, installed, environ={})
    ends = [installed.get(end.provider).documented(end.settings) for end in (spec.source, spec.destination)]
    return Mapper(spec, *ends)


def by_hand(people: str) -> tuple[float, str]:
    """What somebody would write who knows the spec, with the checks the spec asks for."""
    return _timed(people, desired_by_hand, lambda desired: desired.fields)


def templates(people: str) -> tuple[float, str]:
    """A sandboxed template a field, compiled once, rendered for each person."""
    environment = SandboxedEnvironment(autoescape=False)
    renders = [(path, environment.from_string(text).render) for path, text in _TEMPLATES.items()]

    def rendered(record: Record) -> dict[str, str]:
        names = dict(record.values)
        names["plan"], names["score"] = names.pop("custom:plan"), names.pop("custom:score")
        return {path: render(names) for path, render in renders}

    return _timed(people, rendered, lambda fields: fields)


def desired_by_hand(record: Record) -> Desired:
    """Raises ValueError for a person that is not one of the benchmark's."""
    get: Callable[[str], Any] = record.values.get
    if get("status") != "CONFIRMED":
        raise ValueError("not planned")
    email, given, family = _text(get("email")).lower(), _text(get("given_name")), _text(get("family_name"))
    phone, score = get("phone_number"), get("custom:score")
    if not _PHONE.fullmatch(phone) or not _NUMBER.fullmatch(score) or len(email) > 254:
        raise ValueError("not as it should be")
    fields = {
        "username": _text(get("username")),
        "email": email,
        "email_verified": get("email_verified") is True,
        "phone_number": phone,
        "phone_number_verified": get("phone_number_verified") is True,
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "locale": _text(get("locale")),
        "attributes.plan": _PLANS.get(get("custom:plan"), "free"),
        "attributes.score": int(score),
        "external_id": _text(record.id),
        "owner": "bench",
        "enabled": get("enabled") is True,
    }
    return Desired(record.id, fields, verified=_EMAIL if fields["email_verified"] else _NOBODY)


def _text(value: Any) -> str:
    """A text that can be shown, in the form the directory compares."""
    if value.__class__ is not str or not value or len(value) > 256 or not value.isprintable():
        raise ValueError("not as it should be")
    own: str = value if value.isascii() else normalize("NFC", value)
    return own


def _timed(people: str, function: Map, fields_of: Callable[[Any], Mapping[str, Any]]) -> tuple[float, str]:
    count = int(people)
    records = [UserRecords(Assume()).of(orjson.loads(person(n, count, now=True).export())) for n in range(count)]
    gc.collect()
    gc.freeze()
    began = time.process_time()
    for record in records:
        function(record)
    cpu = time.process_time() - began
    digest = sha256()
    for record in records:
        fields = fields_of(function(record))
        if len(fields) != FIELDS:
            raise ValueError(f"{len(fields)} fields instead of {FIELDS}")
        digest.update(orjson.dumps(sorted((path, _told(value)) for path, value in fields.items())))
    return cpu, digest.hexdigest()


def _told(value: Any) -> str:
    """A value as a template would print it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
