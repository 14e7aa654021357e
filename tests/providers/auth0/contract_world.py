"""A tenant for the laws, on the server of ours: written to and looked into past the API."""

import time
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.provider.schema import FieldSchema
from poolshift.testing import World
from poolshift_providers.auth0 import PROVIDER
from poolshift_providers.auth0.user_record import link_records
from tests.providers.auth0.world import FAST
from tests.servers.auth0 import Auth0Server
from tests.servers.auth0.tenant import Organization, Role, new_id

_TIMES = ("created_at", "updated_at")
JOB_SECONDS = 0.02


class Auth0World(World):
    """One database connection, without user names, and Google's: whose accounts are linked have signed in before.

    A job is at work for a while, so that it is polled more than once.
    """

    source_id = "user_id"
    identity_provider = "google-oauth2"
    left_out = frozenset({"username"})
    examples = 5
    points = 20
    page = 100
    request_id = "x-correlation-id"
    refusals = (
        b'{"statusCode":409,"error":"Conflict","message":"The user already exists.","errorCode":"auth0_idp_error"}',
        b'{"statusCode":403,"error":"Forbidden","message":"Insufficient scope, expected any of: create:users",'
        b'"errorCode":"insufficient_scope"}',
        b'{"statusCode":429,"error":"Too Many Requests","message":"Global limit has been reached",'
        b'"errorCode":"too_many_requests"}',
    )

    def __init__(self, server: Auth0Server, folder: FilePath) -> None:
        tokens = server.service.tokens
        self.provider = PROVIDER
        self.settings = {
            "domain": server.domain,
            "client_id": tokens.client_id,
            "client_secret": tokens.client_secret,
            "connection": server.database.name,
            "endpoint_url": server.url,
            "quotas": FAST,
        }
        self.folder = folder
        self._server = server
        server.service.jobs.import_seconds = JOB_SECONDS

    def value(self, kind: Kind, path: Path, field: FieldSchema, number: int) -> Any:
        """A role of the whole tenant has no scope; only an account that has signed in can be linked."""
        if (kind, path) == ("role", "scope"):
            return ""
        if (kind, path) == ("link", "subject"):
            return self._server.sign_in(f"{number}")["identities"][0]["user_id"]
        return super().value(kind, path, field, number)

    def messages(self) -> int:
        return len(self._server.mails)

    def scribble(self, user: str) -> None:
        self._server.tenant.users[user]["scribble"] = "somebody else's"

    def wait(self, seconds: float) -> None:
        """Long enough for a job to end."""
        time.sleep(min(seconds, JOB_SECONDS))

    def put(self, kind: Kind, values: Mapping[Path, Any], refs: Mapping[Path, str]) -> str:
        tenant = self._server.tenant
        if kind == "user":
            return self._user(values)
        if kind == "role":
            role = Role(new_id("rol_"), values["name"], values.get("description") or values["name"])
            tenant.roles[role.id] = role
            return role.id
        if kind == "organization":
            made = Organization(new_id("org_"), values["key"], values.get("name") or values["key"])
            tenant.organizations[made.id] = made
            return made.id
        if kind == "role_member":
            tenant.roles[refs["role"]].members[refs["user"]] = None
            return f"{refs['role']}\n{refs['user']}"
        if kind == "organization_member":
            tenant.organizations[refs["organization"]].members[refs["user"]] = set()
            return f"{refs['organization']}\n{refs['user']}"
        raise NotImplementedError(kind)

    def _user(self, values: Mapping[Path, Any]) -> str:
        document: dict[str, Any] = {}
        for path, value in values.items():
            head, dot, key = path.partition(".")
            if dot:
                document.setdefault(head, {})[key] = value
            elif path == "enabled":
                document["blocked"] = not value
            elif path != "credential":
                document[path] = value
        return str(self._server.put(**document)["user_id"])

    def get(self, kind: Kind, id: str) -> Any:
        tenant = self._server.tenant
        if kind == "user":
            user = tenant.users.get(id)
            return None if user is None else {name: value for name, value in user.items() if name not in _TIMES}
        if kind == "role":
            role = tenant.roles.get(id.rpartition("/")[2])
            return None if role is None else role.shown
        if kind == "organization":
            found = tenant.organizations.get(id)
            return None if found is None else (found.name, found.display_name, found.metadata)
        if kind == "link":
            user = tenant.users.get(id.partition("\n")[0], {})
            return next((own.values for own in link_records(user) if own.id == id), None) if user else None
        parent, _, user_id = id.partition("\n")
        if kind == "organization_member":
            return user_id if user_id in tenant.organizations[parent].members else None
        if kind == "role_member":
            organization, _, role_id = parent.rpartition("/")
            if organization:
                return role_id if role_id in tenant.organizations[organization].members.get(user_id, ()) else None
            return user_id if user_id in tenant.roles[role_id].members else None
        return None
