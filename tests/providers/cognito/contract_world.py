"""A pool for the laws, on the strict layer over moto: written to and looked into with the SDK."""

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.provider.schema import FieldSchema
from poolshift.testing import World
from poolshift_providers.cognito import PROVIDER
from poolshift_providers.cognito.identities import identities_of, link_id
from tests.providers.cognito.world import EMAIL_POOL, FAST
from tests.servers.cognito import CognitoServer

_TEXTS = ("legacy_sub", "plan", "note")


class CognitoWorld(World):
    """People sign in with their e-mail address; three custom attributes are declared, and Google is there.

    import_role_arn: of a pool that takes import jobs, which verifies addresses by itself.
    """

    source_id = "custom:legacy_sub"
    identity_provider = "Google"
    left_out = frozenset({"profile", "picture", "website", "zoneinfo", "locale", "gender", "middle_name", "address"})
    examples = 1
    points = 4
    request_id = "x-amzn-RequestId"
    refusals = (
        b'{"__type": "UsernameExistsException", "message": "An account with the given email already exists."}',
        b'{"__type": "com.amazonaws.cognito#TooManyRequestsException", "message": "Rate exceeded"}',
        b'{"code": "ResourceNotFoundException"}',
    )

    def __init__(self, server: CognitoServer, folder: FilePath, import_role_arn: str = "") -> None:
        schema = [{"Name": name, "AttributeDataType": "String", "Mutable": True} for name in _TEXTS]
        verified = {"AutoVerifiedAttributes": ["email"]} if import_role_arn else {}
        self.pool = server.create_pool("laws", Schema=schema, **EMAIL_POOL, **verified)
        self.client = server.client()
        details = {"client_id": "x", "client_secret": "y", "authorize_scopes": "email"}
        self.client.create_identity_provider(
            UserPoolId=self.pool, ProviderName="Google", ProviderType="Google", ProviderDetails=details
        )
        self.provider = PROVIDER
        self.settings = {"pool_id": self.pool, "endpoint_url": server.url, "quotas": FAST}
        if import_role_arn:
            self.settings |= {"import_role_arn": import_role_arn, "logs_endpoint_url": server.url}
        self.folder = folder
        self._server = server

    def value(self, kind: Kind, path: Path, field: FieldSchema, number: int) -> Any:
        return (
            f"custom:k{number}" if (kind, path) == ("attribute", "name") else super().value(kind, path, field, number)
        )

    def messages(self) -> int:
        return len(self._server.messages)

    def put(self, kind: Kind, values: Mapping[Path, Any], refs: Mapping[Path, str]) -> str:
        if kind == "user":
            return self._user(values)
        if kind == "group":
            words = {"name": "GroupName", "description": "Description", "precedence": "Precedence"}
            self.client.create_group(UserPoolId=self.pool, **{words[path]: value for path, value in values.items()})
            return str(values["name"])
        if kind == "group_member":
            self.client.admin_add_user_to_group(UserPoolId=self.pool, Username=refs["user"], GroupName=refs["group"])
            return f"{refs['group']}\n{refs['user']}"
        raise NotImplementedError(kind)

    def _user(self, values: Mapping[Path, Any]) -> str:
        attributes = [
            {"Name": path, "Value": str(value).lower() if isinstance(value, bool) else str(value)}
            for path, value in values.items()
            if path not in ("enabled", "credential")
        ]
        made = self.client.admin_create_user(
            UserPoolId=self.pool, Username=values["email"], UserAttributes=attributes, MessageAction="SUPPRESS"
        )["User"]
        return next(str(pair["Value"]) for pair in made["Attributes"] if pair["Name"] == "sub")

    def get(self, kind: Kind, id: str) -> Any:
        missing = self.client.exceptions
        try:
            return self._get(kind, id)
        except (missing.ResourceNotFoundException, missing.UserNotFoundException):
            return None

    def _get(self, kind: Kind, id: str) -> Any:
        if kind == "user":
            found = self.client.admin_get_user(UserPoolId=self.pool, Username=id)
            return {name: found[name] for name in ("Username", "UserAttributes", "Enabled", "UserStatus")}
        if kind == "group":
            found = self.client.get_group(UserPoolId=self.pool, GroupName=id)["Group"]
            return {name: found.get(name) for name in ("GroupName", "Description", "Precedence")}
        if kind == "attribute":
            known = self.client.describe_user_pool(UserPoolId=self.pool)["UserPool"]["SchemaAttributes"]
            return next((own for own in known if own["Name"] == id), None)
        if kind == "group_member":
            group, sub = id.split("\n")
            groups = self.client.admin_list_groups_for_user(UserPoolId=self.pool, Username=sub)["Groups"]
            return group if group in [own["GroupName"] for own in groups] else None
        return self._link(id)

    def _link(self, id: str) -> Any:
        """A link is in the document of its user, whose sub begins its id."""
        for user in self.client.list_users(UserPoolId=self.pool)["Users"]:
            attributes = {pair["Name"]: pair["Value"] for pair in user["Attributes"]}
            for own in identities_of(attributes.get("identities", "[]")):
                if link_id(attributes["sub"], own) == id:
                    return own
        return None
