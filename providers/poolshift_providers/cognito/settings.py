"""What a spec says about a pool."""

from pydantic import BaseModel, ConfigDict, Field, field_validator

from poolshift.provider.granted import checked
from poolshift_providers.cognito.quotas import LIMITS


class Settings(BaseModel):
    """Settings of a pool."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pool_id: str = Field(
        description="The user pool's id.", examples=["eu-west-1_AbCdEf123"], pattern=r"^[\w-]+_[0-9a-zA-Z]+$"
    )
    region: str | None = Field(None, description="The pool's region; without it, what stands before the _ of its id.")
    profile: str | None = Field(None, description="Profile of the AWS configuration files.")
    role_arn: str | None = Field(None, description="Role to take on before the first call.")
    import_role_arn: str | None = Field(
        None, description="Role that lets import jobs write their log; with it, `method: job` is offered."
    )
    client_id: str | None = Field(None, description="App client that checks passwords for a just-in-time bridge.")
    quotas: dict[str, str] = Field(
        {}, description="Limits AWS granted to this account, where they are above the default: {UserCreation: 500/s}."
    )
    endpoint_url: str | None = Field(None, description="Private endpoint; else the SDK's own AWS_ENDPOINT_URL counts.")
    logs_endpoint_url: str | None = Field(None, description="Private endpoint of CloudWatch Logs, for import jobs.")

    @field_validator("quotas")
    @classmethod
    def _known(cls, value: dict[str, str]) -> dict[str, str]:
        return checked(value, LIMITS)

    @property
    def where(self) -> str:
        """The region to ask."""
        return self.region or self.pool_id.rpartition("_")[0]
