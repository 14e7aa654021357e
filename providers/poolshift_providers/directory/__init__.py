"""An embedded directory in one SQLite file: a strict destination to rehearse a migration with, without a vendor."""

from poolshift_providers.directory.provider import Directory

PROVIDER = Directory()
