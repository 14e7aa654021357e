"""The file of an import job, as Cognito reads it: its header, its rows, and the person a row makes."""

from typing import Final

from moto.cognitoidp.models import CognitoIdpUser

from tests.servers.cognito import attributes
from tests.servers.cognito.pool import VERIFIABLE, Pool
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.status import set_status

ROW_LENGTH: Final = 16_000
USERNAME: Final = "cognito:username"
MFA: Final = "cognito:mfa_enabled"
_NO_COLUMN: Final = frozenset({"sub", "identities"})
_EXISTS: Final = ("SKIPPED", "The user already exists.")


class Unreadable(Exception):
    """The file as a whole: the job fails, and imports nobody."""


def header_of(pool: Pool) -> list[str]:
    """Standard and custom attributes, then two columns of Cognito's own."""
    names = [name for name in pool.schema_attributes if name not in _NO_COLUMN and not name.startswith("dev:")]
    return [*names, MFA, USERNAME]


def rows_of(pool: Pool, content: bytes, most_bytes: int, most_rows: int) -> list[dict[str, str]]:
    """Cells by column; nothing is quoted, a comma inside a value is escaped. Raises Unreadable."""
    if len(content) > most_bytes or content.startswith(b"\xef\xbb\xbf"):
        raise Unreadable("The file is too large, or has a byte order mark.")
    header, *lines = content.decode().splitlines()
    names = header.split(",")
    if sorted(names) != sorted(header_of(pool)):
        raise Unreadable("The header of the file does not match the user pool.")
    if len(lines) > most_rows:
        raise Unreadable("The file has too many rows.")
    rows = []
    for line in lines:
        cells = line.replace("\\,", "\0").split(",")
        if len(cells) != len(names):
            raise Unreadable("Amazon Cognito is unable to parse the file.")
        rows.append({name: cell.replace("\0", ",").strip() for name, cell in zip(names, cells, strict=True)})
        if len(line) > ROW_LENGTH:
            rows[-1][USERNAME] = ""
    return rows


def import_row(pool: Pool, row: dict[str, str]) -> tuple[str, str]:
    """The result and its reason, as the log has them."""
    username, mfa = row[USERNAME], row[MFA].lower()
    if not username or any(character.isspace() for character in username):
        return "FAILED", "The username is missing, or has blanks in it."
    wanted = {"ON": ("true",), "OFF": ("false",)}.get(str(pool.mfa_config or "OFF"), ("true", "false"))
    if mfa not in wanted:
        return "FAILED", "The value of cognito:mfa_enabled does not fit the user pool."
    values = {name: cell for name, cell in row.items() if cell and not name.startswith("cognito:")}
    for name in VERIFIABLE:
        flag = f"{name}_verified"
        values[flag] = values.get(flag, "").lower() or "false"
        if values[flag] == "true" and name not in values:
            return "FAILED", f"The User Record has no {name}, which is said to be verified."
    auto = pool.extended_config.get("AutoVerifiedAttributes", ())
    if not any(values.get(f"{name}_verified") == "true" for name in auto):
        why = "The User Record does not set any of the auto verified attributes to true."
        return "FAILED", f"{why} (Example: email_verified to true)."
    return _made(pool, username, values)


def _made(pool: Pool, username: str, values: dict[str, str]) -> tuple[str, str]:
    own: str | None = pool.fold(username)
    if pool.username_attributes:
        if all(values.get(name) != username for name in pool.username_attributes):
            return "FAILED", "The username is no sign-in attribute of the User Record."
        own = None
    elif own in pool.users:
        return _EXISTS
    required = {name for name, one in pool.schema_attributes.items() if one.required} - values.keys() - {"sub"}
    if required:
        return "FAILED", "The user data does not match the schema: a required attribute is missing."
    try:
        change = attributes.change_for_new(pool, values)
        attributes.settle_aliases(pool, None, change.values)
    except Refusal as refusal:
        if refusal.type == "AliasExistsException":
            return _EXISTS
        return "FAILED", "The user data does not match the schema."
    user = CognitoIdpUser(pool.id, own, None, "RESET_REQUIRED", [])
    set_status(user, "RESET_REQUIRED")
    user.update_attributes([{"Name": name, "Value": value} for name, value in change.values.items()])
    pool.add(user)
    return "SUCCEEDED", "The import succeeded."
