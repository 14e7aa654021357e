"""What Cognito would have sent to people."""

from dataclasses import dataclass
from typing import Literal

MessageKind = Literal["invitation", "reset", "verification", "sms_mfa", "email_otp"]


@dataclass(frozen=True)
class Message:
    """One message to one person. medium: EMAIL or SMS."""

    kind: MessageKind
    pool_id: str
    sub: str
    medium: str
