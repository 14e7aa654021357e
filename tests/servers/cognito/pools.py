"""Pools and their schemas."""

from collections.abc import Sequence
from typing import Any, Final

from moto.cognitoidp.models import CognitoIdpUserPoolAttribute

from tests.servers.cognito.pool import Pool
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.service import Operation, Request, Service

_CUSTOM: Final = 50
_FIXED: Final = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration")


def create_user_pool(service: Service, request: Request) -> dict[str, Any]:
    config = {name: value for name, value in request.items() if name != "PoolName"}
    schemas = config.get("Schema", ())
    standard = CognitoIdpUserPoolAttribute.STANDARD_SCHEMA
    custom = [schema for schema in schemas if schema.get("Name") not in standard]
    _check(custom)
    if len(custom) > _CUSTOM:
        raise Refusal("LimitExceededException", f"A pool has at most {_CUSTOM} custom attributes.")
    pool = Pool(service.backend, request["PoolName"], config)
    service.backend.user_pools[pool.id] = pool
    return service.pass_on("DescribeUserPool", {"UserPoolId": pool.id})


def update_user_pool(service: Service, request: Request) -> dict[str, Any]:
    """Settings left out fall back to their defaults, all but those that are fixed at creation."""
    pool = service.pool(request)
    fixed: dict[str, Any] = {name: pool.extended_config[name] for name in _FIXED if name in pool.extended_config}
    tier = pool.extended_config["UserPoolTier"]
    service.pass_on("UpdateUserPool", request)
    pool.extended_config.update(fixed)
    pool.extended_config.setdefault("UserPoolTier", tier)
    return {}


def add_custom_attributes(service: Service, request: Request) -> dict[str, Any]:
    pool = service.pool(request)
    _check(request["CustomAttributes"])
    held = sum(name.startswith(("custom:", "dev:")) for name in pool.schema_attributes)
    if held + len(request["CustomAttributes"]) > _CUSTOM:
        raise Refusal.parameter(f"A pool has at most {_CUSTOM} custom attributes.")
    return service.pass_on("AddCustomAttributes", request)


def _check(schemas: Sequence[dict[str, Any]]) -> None:
    """A new attribute has a name and a type, which the model does not ask for. Raises Refusal."""
    if any("Name" not in schema or "AttributeDataType" not in schema for schema in schemas):
        raise Refusal.parameter("An attribute needs a Name and an AttributeDataType.")


OPERATIONS: Final[dict[str, Operation]] = {
    "AddCustomAttributes": add_custom_attributes,
    "CreateUserPool": create_user_pool,
    "UpdateUserPool": update_user_pool,
}
