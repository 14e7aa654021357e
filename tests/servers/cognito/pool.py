"""A user pool: moto's, with indexes over its people, the whole standard schema, and Cognito's form of ids."""

import json
import secrets
import string
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from moto.cognitoidp.models import (
    CognitoIdpBackend,
    CognitoIdpUser,
    CognitoIdpUserPool,
    CognitoIdpUserPoolAttribute,
)

from tests.servers.cognito.refusal import Refusal

_INDEXED: Final = ("sub", "email", "phone_number", "preferred_username")
VERIFIABLE: Final = ("email", "phone_number")
_ID: Final = string.ascii_letters + string.digits


class Pool(CognitoIdpUserPool):
    """moto keeps the people in ``users``; every change to them goes through here, so that the indexes stay true."""

    def __init__(self, backend: CognitoIdpBackend, name: str, config: dict[str, Any]) -> None:
        super().__init__(backend.account_id, backend.region_name, name, config)
        self._backend = backend
        self.id = f"{self.region}_{''.join(secrets.choice(_ID) for _ in range(9))}"
        self.arn = f"{self.arn.rpartition('/')[0]}/{self.id}"
        self.case_sensitive = bool(config.get("UsernameConfiguration", {}).get("CaseSensitive", True))
        self.aliases: tuple[str, ...] = tuple(config.get("AliasAttributes", ()))
        self.username_attributes: tuple[str, ...] = tuple(config.get("UsernameAttributes", ()))
        self.extended_config.setdefault("UserPoolTier", "ESSENTIALS")
        self.schema_attributes = _whole_schema(self.schema_attributes)
        self.born: dict[str, float] = {}
        self._by: dict[tuple[str, str], dict[str, None]] = {}
        self._identities: dict[tuple[str, str], str] = {}

    @property
    def backend(self) -> CognitoIdpBackend:
        return self._backend

    def fold(self, text: str) -> str:
        """The form in which this pool compares usernames and aliases."""
        return text if self.case_sensitive else text.lower()

    def _get_user(self, username: str) -> CognitoIdpUser:
        """moto's own lookup, by index. moto declares a user and returns None for nobody; so does this."""
        return self.find(username)  # type: ignore[return-value]

    def find(self, name: str) -> CognitoIdpUser | None:
        """By username, sub, sign-in attribute, or active alias."""
        user = self.users.get(self.fold(name))
        if user:
            return user
        if named := next(self.having("sub", name), None):
            return named
        for attribute in self.username_attributes:
            if named := next(self.having(attribute, name), None):
                return named
        return next((holder for alias in self.aliases for holder in self.alias_holders(alias, name)), None)

    def get(self, name: str) -> CognitoIdpUser:
        """As find; raises Refusal (UserNotFoundException)."""
        user = self.find(name)
        if user is None:
            raise Refusal.no_user()
        return user

    def having(self, attribute: str, value: str) -> Iterator[CognitoIdpUser]:
        """People whose indexed attribute equals the value as this pool compares."""
        return (self.users[name] for name in tuple(self._by.get((attribute, self.fold(value)), ())))

    def alias_holders(self, alias: str, value: str) -> Iterator[CognitoIdpUser]:
        """Who may sign in by this alias: an address counts once it is verified, a preferred username at once."""
        for user in self.having(alias, value):
            if alias not in VERIFIABLE or user.attribute_lookup.get(f"{alias}_verified") == "true":
                yield user

    def linked(self, provider: str, subject: str) -> CognitoIdpUser | None:
        """Who holds an identity at a provider, linked or their only one."""
        username = self._identities.get((provider, subject))
        return None if username is None else self.users[username]

    def add(self, user: CognitoIdpUser) -> None:
        """A person who has just come into being."""
        self.place(user)
        self.born[user.username] = time.monotonic()

    def place(self, user: CognitoIdpUser) -> None:
        """A person who has been there for long."""
        self.users[user.username] = user
        self._index(user)

    def remove(self, user: CognitoIdpUser) -> None:
        self._unindex(user)
        for group in user.groups:
            group.users.discard(user)
        del self.users[user.username]
        self.born.pop(user.username, None)

    def change(self, user: CognitoIdpUser, values: Mapping[str, str], without: Iterable[str] = ()) -> None:
        """Write attribute values, and take attributes away."""
        self._unindex(user)
        kept = {name: value for name, value in user.attribute_lookup.items() if name not in set(without)}
        user.attributes = []
        user.attribute_lookup = {}
        user.update_attributes([{"Name": name, "Value": value} for name, value in (kept | dict(values)).items()])
        self._index(user)

    def _index(self, user: CognitoIdpUser) -> None:
        for key in self._keys(user):
            self._by.setdefault(key, {})[user.username] = None
        for identity in _identities(user):
            self._identities.setdefault(identity, user.username)

    def _unindex(self, user: CognitoIdpUser) -> None:
        for key in self._keys(user):
            holders = self._by[key]
            del holders[user.username]
            if not holders:
                del self._by[key]
        for identity in _identities(user):
            if self._identities.get(identity) == user.username:
                del self._identities[identity]

    def _keys(self, user: CognitoIdpUser) -> list[tuple[str, str]]:
        values = user.attribute_lookup
        return [(name, self.fold(values[name])) for name in _INDEXED if values.get(name)]


def _identities(user: CognitoIdpUser) -> list[tuple[str, str]]:
    text = user.attribute_lookup.get("identities")
    return [(one["providerName"], one["userId"]) for one in json.loads(text)] if text else []


def _whole_schema(declared: dict[str, CognitoIdpUserPoolAttribute]) -> dict[str, CognitoIdpUserPoolAttribute]:
    """All standard attributes, as declared where they are, then the custom ones."""
    standard = CognitoIdpUserPoolAttribute.STANDARD_SCHEMA
    schema = {
        name: declared.get(name) or CognitoIdpUserPoolAttribute(name, custom=False, schema=default)
        for name, default in standard.items()
    }
    identities = CognitoIdpUserPoolAttribute("identities", custom=True, schema={"AttributeDataType": "String"})
    identities.name = "identities"
    return schema | {"identities": identities} | declared
