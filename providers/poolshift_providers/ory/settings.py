"""What a spec says about a Kratos or a project of the Ory Network."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Settings(BaseModel):
    """Settings of a Kratos, or of a project of the Ory Network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        description="The admin API: of a project of the Ory Network, or of a Kratos.",
        examples=["https://slug.projects.oryapis.com", "http://127.0.0.1:4434"],
    )
    api_key: str = Field(
        "",
        repr=False,
        description="API key of the project (Ory Network); a Kratos of your own has none.",
        json_schema_extra={"secret": True},
    )
    schema_id: str = Field(description="Id of the identity schema of the people who arrive.", examples=["customer"])
    schemas_url: str = Field(
        "",
        description="Where identity schemas are read, if not at `url`: the public API of a Kratos of your own.",
        examples=["http://127.0.0.1:4433"],
    )
    tier: Literal["developer", "production", "growth", "enterprise"] = Field(
        "production", description="Plan of the project (Ory Network): how many calls it may take."
    )

    project_id: str = Field("", description="Id of the project (Ory Network), where its organizations are used.")
    workspace_key: str = Field(
        "",
        repr=False,
        description="API key of the workspace, which its organizations ask for.",
        json_schema_extra={"secret": True},
    )
    console_url: str = Field("https://api.console.ory.com", description="The API of the Ory Console.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.project_id) != bool(self.workspace_key):
            raise ValueError("project_id and workspace_key go together")
        return self

    @property
    def has_organizations(self) -> bool:
        return bool(self.project_id)

    @field_validator("url", "schemas_url", "console_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("an address begins with https:// or http://")
        return value.rstrip("/")

    @property
    def is_network(self) -> bool:
        """Whether it is a project of the Ory Network: only that one asks for a key."""
        return bool(self.api_key)
