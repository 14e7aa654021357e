"""What a spec says about a pool."""

import re
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator

_RATE: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)/(s|m|h|d)")
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


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
        from poolshift_providers.cognito.quotas import LIMITS

        for name, rate in value.items():
            if name not in LIMITS:
                raise ValueError(f"there is no quota {name}; there are {', '.join(LIMITS)}")
            if rate_of(rate) is None:
                raise ValueError(f"the limit of {name} is not a rate like 500/s")
        return value

    @property
    def where(self) -> str:
        """The region to ask."""
        return self.region or self.pool_id.rpartition("_")[0]


def rate_of(text: Any) -> tuple[float, float] | None:
    """(calls, seconds) of ``500/s``; None when it is no rate above zero."""
    found = _RATE.fullmatch(text) if isinstance(text, str) else None
    return (float(found[1]), _SECONDS[found[2]]) if found is not None and float(found[1]) else None
