"""The one table of what Cognito refuses, by the name of the exception. No message of Cognito's is passed on: they
quote what they were sent."""

import re
from collections.abc import Mapping
from typing import Any, Final

from poolshift.provider.operation import Code, Failure
from poolshift.provider.refusal import document_of

EXPIRED_TOKEN: Final = "the page token is not valid any more"

_TABLE: Final[Mapping[str, tuple[Code, str]]] = {
    "AliasExistsException": (Code.TAKEN, "another user signs in with this e-mail address, phone number or name"),
    "CodeDeliveryFailureException": (Code.INVALID, "a message could not be delivered"),
    "ConcurrentModificationException": (Code.BUSY, "the pool is being changed by somebody else"),
    "DuplicateProviderException": (Code.EXISTS, "there is an identity provider of this name"),
    "EnableSoftwareTokenMFAException": (Code.INVALID, "the factor cannot be enabled"),
    "FeatureUnavailableInTierException": (Code.UNSUPPORTED, "the pool's plan does not include this"),
    "ForbiddenException": (Code.DENIED, "the pool's firewall refuses the request"),
    "GroupExistsException": (Code.EXISTS, "there is a group of this name"),
    "InternalErrorException": (Code.DOWN, "an internal error of Cognito"),
    "InvalidEmailRoleAccessPolicyException": (Code.DENIED, "the pool may not use its e-mail identity"),
    "InvalidLambdaResponseException": (Code.INVALID, "a Lambda trigger of the pool gave an invalid answer"),
    "InvalidParameterException": (Code.INVALID, "the pool does not take a value, or not in this state"),
    "InvalidPasswordException": (Code.INVALID, "the password does not meet the pool's policy"),
    "InvalidSmsRoleAccessPolicyException": (Code.DENIED, "the pool may not send text messages"),
    "InvalidSmsRoleTrustRelationshipException": (Code.DENIED, "the pool may not take on its role for messages"),
    "InvalidUserPoolConfigurationException": (Code.INVALID, "the pool's configuration does not allow this"),
    "LimitExceededException": (Code.INVALID, "a limit of the pool or the user is reached"),
    "NotAuthorizedException": (Code.INVALID, "the user's state does not allow this"),
    "OperationNotEnabledException": (Code.UNSUPPORTED, "the operation is switched off for this pool"),
    "PasswordHistoryPolicyViolationException": (Code.INVALID, "the password was used before"),
    "PreconditionNotMetException": (Code.INVALID, "something that has to be there first is not"),
    "ResourceNotFoundException": (Code.GONE, "it is not there"),
    "TooManyRequestsException": (Code.BUSY, "too many requests"),
    "UnexpectedLambdaException": (Code.INVALID, "a Lambda trigger of the pool failed"),
    "UnsupportedOperationException": (Code.UNSUPPORTED, "the pool does not support this"),
    "UnsupportedUserStateException": (Code.INVALID, "the user's state does not allow this"),
    "UserImportInProgressException": (Code.BUSY, "an import job is running"),
    "UserLambdaValidationException": (Code.INVALID, "a Lambda trigger of the pool refused the user"),
    "UserNotConfirmedException": (Code.INVALID, "the user is not confirmed"),
    "UserNotFoundException": (Code.GONE, "the user is not there"),
    "UserPoolAddOnNotEnabledException": (Code.UNSUPPORTED, "an add-on of the pool is not enabled"),
    "UserPoolTaggingException": (Code.INVALID, "a tag of the pool is not valid"),
    "UsernameExistsException": (Code.EXISTS, "there is a user of this name"),
    # What every AWS service may answer.
    "AccessDenied": (Code.DENIED, "access denied"),
    "AccessDeniedException": (Code.DENIED, "access denied"),
    "ExpiredToken": (Code.DENIED, "the credentials have expired"),
    "ExpiredTokenException": (Code.DENIED, "the credentials have expired"),
    "IncompleteSignature": (Code.DENIED, "the credentials are not usable"),
    "IncompleteSignatureException": (Code.DENIED, "the credentials are not usable"),
    "InvalidClientTokenId": (Code.DENIED, "the credentials are not known"),
    "InvalidSignatureException": (Code.DENIED, "the credentials are wrong, or this machine's clock is"),
    "MissingAuthenticationToken": (Code.DENIED, "the request has no credentials"),
    "MissingAuthenticationTokenException": (Code.DENIED, "the request has no credentials"),
    "OptInRequired": (Code.DENIED, "the account has not opted in to this region"),
    "RequestExpired": (Code.DENIED, "this machine's clock is wrong"),
    "RequestLimitExceeded": (Code.BUSY, "too many requests"),
    "ServiceUnavailable": (Code.DOWN, "the service is not available"),
    "ServiceUnavailableException": (Code.DOWN, "the service is not available"),
    "SignatureDoesNotMatch": (Code.DENIED, "the credentials are wrong, or this machine's clock is"),
    "Throttling": (Code.BUSY, "too many requests"),
    "ThrottlingException": (Code.BUSY, "too many requests"),
    "UnrecognizedClientException": (Code.DENIED, "the credentials are not known"),
    "ValidationException": (Code.INVALID, "a value has the wrong form"),
}
_TOKEN_WORDS: Final = ("paging marker", "pagination token", "paginationtoken", "nexttoken", "next token")
_NAME: Final = re.compile(r"[A-Z][A-Za-z]{1,60}(Exception|Error|Fault)")
"""How AWS names an error. Whatever else stands in that place is somebody else's word, and might be a value."""


def failure_of(status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
    """Total: every status and every body, JSON or not, is a code."""
    known = {name.lower(): value for name, value in headers.items()}
    document = document_of(body)
    name = str(document.get("__type") or document.get("code") or known.get("x-amzn-errortype") or "")
    name = name.rpartition("#")[2].partition(":")[0]
    code, why = _TABLE.get(name) or _by_status(status)
    told = name if name in _TABLE or _NAME.fullmatch(name) else status
    if name == "InvalidParameterException" and _is_about_token(document):
        code, why = Code.STALE, EXPIRED_TOKEN
    request = known.get("x-amzn-requestid", "")
    return Failure(code, f"{why} ({told})", retry_after=_seconds(known.get("retry-after")), request_id=request)


def _is_about_token(document: Mapping[str, Any]) -> bool:
    message = str(document.get("message") or document.get("Message") or "").lower()
    return any(words in message for words in _TOKEN_WORDS)


def _by_status(status: int) -> tuple[Code, str]:
    if status in (401, 403):
        return Code.DENIED, "access denied"
    if status in (408, 429):
        return Code.BUSY, "too many requests"
    if status >= 500:
        return Code.DOWN, "the service does not answer as it should"
    return Code.UNMAPPED, "an answer nobody expected"


def _seconds(value: str | None) -> float | None:
    return float(value) if value is not None and value.isdecimal() else None
