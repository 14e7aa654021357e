"""What all written models share: strictness, texts with a grammar, and short forms for the JSON Schema."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from poolshift.spec import model, scalars

Text = Annotated[str, Field(min_length=1)]
Template = Annotated[str, Field(min_length=1, description="A constant, or a text with {{ an expression }}.")]
Expression = Annotated[str, Field(min_length=1, description="A bare expression, without braces.")]


class Written(BaseModel):
    """Part of the spec as written: unknown keys and coerced types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def as_mapping(self) -> dict[str, Any]:
        """By the keys of the language; amounts and rates stay parsed, what was not given is left out."""
        fields = type(self).model_fields
        values = {field.alias or name: getattr(self, name) for name, field in fields.items()}
        return {
            key: value.as_mapping() if isinstance(value, Written) else value
            for key, value in values.items()
            if value is not None
        }


@dataclass(frozen=True)
class ShortForm:
    """Says in the JSON Schema what may be written instead of the mapping."""

    schema: JsonSchemaValue

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [self.schema, handler(core)]}


def judged(parse: Callable[[Any], Any], code: str = "SPEC_VALUE") -> PlainValidator:
    """A parser as pydantic's validator; what it raises is reported under ``code``."""

    def validate(value: Any) -> Any:
        try:
            return parse(value)
        except ValueError as error:
            # Not a template for pydantic: braces of the message are no placeholders.
            raise PydanticCustomError(code, "{reason}", {"reason": str(error)}) from None

    return PlainValidator(validate)


def _amount(value: model.Amount) -> str | int | None:
    return f"{value.percent:g}%" if value.percent is not None else value.number


_WHOLE_NUMBER: Final[JsonSchemaValue] = {"type": "integer", "minimum": 0}

Amount = Annotated[
    model.Amount,
    judged(scalars.amount),
    PlainSerializer(_amount),
    WithJsonSchema({"anyOf": [_WHOLE_NUMBER, {"type": "string", "pattern": scalars.AMOUNT}]}),
]
Duration = Annotated[float, judged(scalars.duration), WithJsonSchema({"type": "string", "pattern": scalars.DURATION})]
Rate = Annotated[model.Rate, judged(scalars.rate), WithJsonSchema({"type": "string", "pattern": scalars.RATE})]
Time = Annotated[str, judged(scalars.time, "SPEC_TIME"), WithJsonSchema({"type": "string", "pattern": scalars.TIME})]
