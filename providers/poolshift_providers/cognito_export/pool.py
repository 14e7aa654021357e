"""The description of the pool an export is of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from poolshift.identity.value import Path
from poolshift.provider.session import Calls
from poolshift_providers.cognito_export.problems import damaged
from poolshift_providers.cognito_export.schema import Type, custom_types


@dataclass(frozen=True, slots=True)
class Pool:
    """What describe-user-pool tells: its id (None = not known) and the types of its custom attributes."""

    id: str | None = None
    custom: Mapping[Path, Type] = field(default_factory=dict)


def read_pool(calls: Calls, name: str) -> Pool:
    """Read the output of describe-user-pool. Raises InputError EXPORT_DAMAGED."""
    with calls.file(name, "read") as stream:
        data = stream.read()
    try:
        document = orjson.loads(data)
        pool = document.get("UserPool", document)
        return Pool(str(pool["Id"]), custom_types(pool.get("SchemaAttributes", ())))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise damaged(name, "not what describe-user-pool writes") from error
