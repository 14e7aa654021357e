"""What a spec says about a tenant."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from poolshift.provider.granted import checked
from poolshift_providers.auth0.quotas import LIMITS


class Settings(BaseModel):
    """Settings of a tenant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: str = Field(
        description="The tenant's domain, or a custom one.",
        examples=["acme.eu.auth0.com"],
        pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
    )
    client_id: str = Field(description="A machine-to-machine application authorized for the Management API.")
    client_secret: SecretStr = Field(description="Its secret.", json_schema_extra={"secret": True})
    connection: str = Field(
        description="Name of the database connection people are put into.",
        examples=["acme-users"],
        pattern=r"^[A-Za-z0-9-]{1,128}$",
    )
    audience: str | None = Field(
        None, description="The Management API's identifier, where `domain` is a custom one: https://TENANT/api/v2/."
    )
    quotas: dict[str, str] = Field(
        {}, description="Limits of this tenant's subscription, where they differ: {write_users: 1000/m}."
    )
    endpoint_url: str | None = Field(None, description="Where the tenant answers, if not at https://DOMAIN: for tests.")

    @field_validator("quotas")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        return checked(value, LIMITS)

    @property
    def where(self) -> str:
        """The tenant's address, without a slash at its end."""
        return (self.endpoint_url or f"https://{self.domain}").rstrip("/")

    @property
    def asked_audience(self) -> str:
        """With a slash at its end: without it the tenant knows no such API."""
        return self.audience or f"https://{self.domain}/api/v2/"
