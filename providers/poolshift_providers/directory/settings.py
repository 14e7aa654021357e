"""What a spec says about a directory, and the YAML of attributes it may start with."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from poolshift.diagnostics import Place
from poolshift.errors import InputError


class Settings(BaseModel):
    """Settings of a directory."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    path: str = Field(description="The directory file.", examples=["people.db"])
    case_fold: bool = Field(
        True, description="Whether e-mail addresses that differ in case are one; fixed at creation."
    )
    required: tuple[str, ...] = Field(("email",), description="Fields every user must have.")
    attributes_file: str | None = Field(
        None, alias="schema", description="YAML of attributes to declare when the file is created."
    )


class Attribute(BaseModel):
    """One attribute to declare."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["string", "number", "boolean", "date"] = "string"
    max_length: int | None = Field(None, ge=1)


class Attributes(BaseModel):
    """The YAML file: attributes by bare name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attributes: dict[str, Attribute] = {}


def read_attributes(path: Path) -> dict[str, Attribute]:
    """Read the YAML of attributes. Raises InputError DIRECTORY_SCHEMA."""
    try:
        return Attributes.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {}).attributes
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        why = faults
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = f"cannot be read: {error}"
    remedy = "Write `attributes: {plan: {type: string, max_length: 40}}`."
    raise InputError.of("DIRECTORY_SCHEMA", why, remedy, Place(path.name))
