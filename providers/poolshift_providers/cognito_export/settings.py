"""What a spec says about an export."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal[
    "UNCONFIRMED",
    "CONFIRMED",
    "ARCHIVED",
    "COMPROMISED",
    "UNKNOWN",
    "RESET_REQUIRED",
    "FORCE_CHANGE_PASSWORD",
    "EXTERNAL_PROVIDER",
]


class Assume(BaseModel):
    """What a record without these is taken to be; without an assumption such a record is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Status | None = Field(None, description="Status of users whose record names none.")
    enabled: bool | None = Field(None, description="Whether users whose record does not say so may sign in.")


class Settings(BaseModel):
    """Settings of an export."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(examples=["export"], description="The exported users: a file, or a folder of pages.")
    groups: str | None = Field(
        None, examples=["groups"], description="Folder with groups.json (list-groups) and members/*.json."
    )
    pool: str | None = Field(None, description="Output of describe-user-pool: id and types of the attributes.")
    assume: Assume = Field(Assume(), description="For exports that leave out status and enabled.")
