"""Two pools of one server, and what is in the second."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.population.people import Person
from tests.providers.cognito.world import EMAIL_POOL
from tests.servers.cognito import CognitoServer, invented
from tests.servers.cognito.pool import Pool
from tests.servers.cognito.status import status_of

People = Mapping[str, Mapping[str, Any]]
"""Everybody by the id they had: attributes, groups, links, status, enabled; without ids and times of the pool."""

_OWN: Final = ("sub", "identities", "custom:legacy_sub")
_PROVIDERS: Final = ("Google", "CorpSAML")


class Pools:
    """People sign in to the old one with a user name, in exact case; to the new one with their e-mail address."""

    def __init__(self, server: CognitoServer, **settings: Any) -> None:
        """``settings``: of the new pool, beside those."""
        self.server = server
        self.old_id = server.pool_id
        self.new_id = server.create_pool("new", **EMAIL_POOL, **settings)
        for name in _PROVIDERS:
            details = {"client_id": "x", "client_secret": "y", "authorize_scopes": "email"}
            request = {"ProviderName": name, "ProviderType": "Google", "ProviderDetails": details}
            server.ask("CreateIdentityProvider", {"UserPoolId": self.new_id, **request})

    @property
    def old(self) -> Pool:
        return self.server.pool(self.old_id)

    @property
    def new(self) -> Pool:
        return self.server.pool(self.new_id)

    def seed(self, people: Sequence[Person]) -> None:
        """Into the old pool, with their groups and second factors."""
        records = [_nameable(record) for record in invented.records_of(people)]
        self.server.seed(records, invented.groups(records))

    def moved(self) -> People:
        """Who is in the new pool."""
        found: dict[str, Mapping[str, Any]] = {}
        for user in self.new.users.values():
            values = user.attribute_lookup
            source_id = values["custom:legacy_sub"]
            assert source_id not in found, f"{source_id} is there twice"
            identities = json.loads(values.get("identities", "[]"))
            found[source_id] = {
                "attributes": {name: value for name, value in values.items() if name not in _OWN},
                "groups": {group.group_name for group in user.groups},
                "links": {(own["providerName"], own["userId"]) for own in identities},
                "status": status_of(user),
                "enabled": user.enabled,
                "factors": user.sms_mfa_enabled or user.software_token_mfa_enabled,
            }
        return found

    def ids(self) -> Mapping[str, str]:
        """The new id of everybody by the id they had."""
        return {user.attribute_lookup["custom:legacy_sub"]: user.id for user in self.new.users.values()}


def _nameable(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record in groups whose names a pool takes."""
    return {**record, "Groups": tuple(map(group_name, record["Groups"]))}


def group_name(name: str) -> str:
    """A pool takes no space in the name of a group."""
    return name.replace(" ", "-")
