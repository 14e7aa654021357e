"""Fills a pool with people as `list-users` prints them, and prints a pool in that form."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from moto.cognitoidp.models import (
    CognitoIdpGroup,
    CognitoIdpIdentityProvider,
    CognitoIdpUser,
    CognitoIdpUserPoolAttribute,
)

from tests.servers.cognito.dates import parsed
from tests.servers.cognito.groups import group_type
from tests.servers.cognito.links import identities_of
from tests.servers.cognito.pool import Pool
from tests.servers.cognito.status import set_status
from tests.servers.cognito.users import user_type

Record = Mapping[str, Any]
_SOCIAL: Final = ("Google", "Facebook", "LoginWithAmazon", "SignInWithApple")


def seed(pool: Pool, people: Iterable[Record], groups: Mapping[str, Record]) -> int:
    """Put people in as they are; answers how many. Nothing is sent and no rule but uniqueness is applied.

    people: UserType of list-users; beside its members `UserMFASettingList`, `PreferredMfaSetting` (as AdminGetUser
    answers them) and `Password` are read. Custom attributes and identity providers that the pool lacks are declared.
    groups: by name, members of GroupType and `Members`, a list of usernames. Raises ValueError for a repeated
    username or sub.
    """
    count = 0
    for record in people:
        _place(pool, record)
        count += 1
    for name, record in groups.items():
        group = pool.groups.get(name) or _group(pool, name, record)
        for username in record.get("Members", ()):
            user = pool.get(username)
            user.groups.add(group)
            group.users.add(user)
    return count


def _place(pool: Pool, record: Record) -> None:
    values = {attribute["Name"]: attribute["Value"] for attribute in record.get("Attributes", ())}
    user = CognitoIdpUser(pool.id, pool.fold(record["Username"]), record.get("Password"), "", [])
    user.id = values.setdefault("sub", user.id)
    if user.username in pool.users or next(pool.having("sub", user.id), None):
        raise ValueError(f"the pool already has this username or sub: {user.username}")
    set_status(user, record.get("UserStatus", "CONFIRMED"))
    user.enabled = record.get("Enabled", True)
    user.attribute_lookup = values
    user.attributes = [{"Name": name, "Value": value} for name, value in values.items()]
    if "UserCreateDate" in record:
        user.create_date = parsed(record["UserCreateDate"])
        user.last_modified_date = parsed(record.get("UserLastModifiedDate", record["UserCreateDate"]))
    factors = record.get("UserMFASettingList", ())
    user.sms_mfa_enabled = "SMS_MFA" in factors
    user.software_token_mfa_enabled = user.token_verified = "SOFTWARE_TOKEN_MFA" in factors
    user.preferred_mfa_setting = record.get("PreferredMfaSetting")
    _declare(pool, user)
    pool.place(user)


def _declare(pool: Pool, user: CognitoIdpUser) -> None:
    for name in user.attribute_lookup.keys() - pool.schema_attributes.keys():
        attribute = CognitoIdpUserPoolAttribute(
            name.removeprefix("custom:"),
            custom=True,
            schema={"AttributeDataType": "String", "StringAttributeConstraints": {"MinLength": "0"}},
        )
        pool.schema_attributes[name] = attribute
    for identity in identities_of(user):
        name = identity["providerName"]
        if name not in pool.identity_providers:
            kind = name if name in _SOCIAL else "SAML"
            pool.identity_providers[name] = CognitoIdpIdentityProvider(name, {"ProviderType": kind})


def _group(pool: Pool, name: str, record: Record) -> CognitoIdpGroup:
    group = CognitoIdpGroup(
        pool.id,
        name,
        record.get("Description", ""),
        record.get("RoleArn"),  # type: ignore[arg-type]  # moto declares text and keeps None
        record.get("Precedence"),  # type: ignore[arg-type]
    )
    if "CreationDate" in record:
        group.creation_date = parsed(record["CreationDate"])
        group.last_modified_date = parsed(record.get("LastModifiedDate", record["CreationDate"]))
    pool.groups[name] = group
    return group


def export(pool: Pool, description: Record, folder: Path) -> None:
    """users.json, groups.json, members/N.json and pool.json, as the command line of AWS prints them."""
    members = folder / "members"
    members.mkdir(parents=True, exist_ok=True)
    _write(folder / "pool.json", description)
    _write(folder / "users.json", {"Users": [user_type(user) for user in pool.users.values()]})
    _write(folder / "groups.json", {"Groups": [group_type(group) for group in pool.groups.values()]})
    for number, group in enumerate(pool.groups.values()):
        inside = [user_type(user) for user in sorted(group.users, key=lambda user: user.username)]
        _write(members / f"{number}.json", {"GroupName": group.group_name, "Users": inside})


def _write(path: Path, document: Record) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
