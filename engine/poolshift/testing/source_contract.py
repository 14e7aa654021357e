"""The laws of a provider that is only read."""

from poolshift.testing.laws.calling import EveryCall
from poolshift.testing.laws.reading import ReadingLaws
from poolshift.testing.laws.references import ReferenceLaws
from poolshift.testing.laws.telling import TellingLaws


class SourceContract(ReadingLaws, ReferenceLaws, EveryCall, TellingLaws):
    """Derive from it, and give it a fixture `world`, with records in it."""
