"""What a spec says about a realm."""

from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Settings of a realm. The client is a confidential one of that realm, with a service account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(
        description="Where the server answers, with its relative path if it has one.",
        examples=["https://id.example.com"],
        pattern=r"^https?://[^\s/]+(/[^\s?#]*)?$",
    )
    realm: str = Field(description="Name of the realm.", examples=["shop"], min_length=1)
    client_id: str = Field(description="Client whose service account has the roles of realm-management it needs.")
    client_secret: str = Field(description="The client's secret.", json_schema_extra={"secret": True}, repr=False)

    @property
    def base(self) -> str:
        return self.url.rstrip("/")

    @property
    def admin_path(self) -> str:
        """Of the admin API of the realm, below `base`."""
        return f"/admin/realms/{quote(self.realm, safe='')}"

    @property
    def token_url(self) -> str:
        return f"{self.base}/realms/{quote(self.realm, safe='')}/protocol/openid-connect/token"
