"""The three things a provider is asked to do with a record."""

from typing import Literal

Verb = Literal["create", "update", "delete"]
