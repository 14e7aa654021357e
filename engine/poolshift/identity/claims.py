"""The names OpenID Connect gives to what a person says of themselves (Core 1.0, 5.1), as far as they are texts."""

from typing import Final

PROFILE: Final = (
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
)
"""Without those that have a meaning of their own to us: sub, email, phone_number and their flags."""
