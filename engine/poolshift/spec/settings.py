"""Settings of providers and hooks: judged by their own pydantic model, secrets never written out."""

from collections.abc import Iterator
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from poolshift.privacy import redact
from poolshift.spec import nodes
from poolshift.spec.context import Context
from poolshift.spec.nodes import ListNode, MapNode, Node, ScalarNode, Step
from poolshift.spec.problems import did_you_mean

M = TypeVar("M", bound=BaseModel)

SAFE: Final = frozenset({"env", "file", "aws-secret"})
"""Where a secret may come from."""


def settings(model: type[M], path: tuple[Step, ...], context: Context) -> M | None:
    """The settings at ``path`` as the model, or None. Errors: SPEC_SETTING, SPEC_SECRET_LITERAL."""
    node = context.at(*path)
    if not isinstance(node, MapNode):
        return None
    check_secrets(model, node, context)
    try:
        return model.model_validate(nodes.plain(node))
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False):
            _report(detail, model, path, context)
        return None


def check_secrets(model: type[BaseModel], node: Node, context: Context) -> None:
    """Reports secrets that stand in the file itself."""
    for secret in secret_paths(model):
        for scalar in _scalars(nodes.at(node, secret)):
            if scalar.value is not None and not scalar.filled & SAFE:
                refuse_literal(str(secret[-1]), scalar, context)


def refuse_literal(name: str, scalar: ScalarNode, context: Context) -> None:
    remedy = f'Take it from outside: {name}: "${{env:NAME}}" or "${{file:PATH}}".'
    context.problems.error("SPEC_SECRET_LITERAL", f'"{name}" is a secret and stands in the spec', scalar.place, remedy)


def secret_paths(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Paths of the fields marked ``json_schema_extra={"secret": True}``, in nested models too."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        if is_secret(field):
            yield (key,)
            continue
        for nested in _models(field.annotation):
            yield from ((key, *path) for path in secret_paths(nested))


def is_secret(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and extra.get("secret") is True


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _scalars(node: Node | None) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, MapNode):
        for entry in node.entries.values():
            yield from _scalars(entry.node)


def _report(detail: Any, model: type[BaseModel], path: tuple[Step, ...], context: Context) -> None:
    where = tuple(detail["loc"])
    name = ".".join(str(step) for step in where)
    keys = [field.alias or key for key, field in model.model_fields.items()]
    if detail["type"] == "extra_forbidden":
        remedy = did_you_mean(name, keys) if len(where) == 1 else "Leave it out."
        context.error_at_key("SPEC_SETTING", f'unknown setting "{name}"', (*path, *where), remedy)
    elif detail["type"] == "missing":
        context.error_at_key(
            "SPEC_SETTING", f'the setting "{name}" is missing', path, f"Add {name}: … to the settings."
        )
    else:
        secret = any(where[: len(found)] == found for found in secret_paths(model))
        remedy = "See the provider's settings." if secret else f"{redact(detail['msg'])}."
        context.error("SPEC_SETTING", f'the setting "{name or path[-1]}" is not usable', (*path, *where), remedy)
