"""All the laws, for a provider that is written to."""

from poolshift.testing.laws.calling import CallingLaws
from poolshift.testing.laws.planning import PlanningLaws
from poolshift.testing.laws.reading import ReadingLaws
from poolshift.testing.laws.references import ReferenceLaws
from poolshift.testing.laws.rules import RuleLaws
from poolshift.testing.laws.sending import SendingLaws
from poolshift.testing.laws.telling import TellingLaws


class DestinationContract(PlanningLaws, SendingLaws, RuleLaws, ReadingLaws, ReferenceLaws, CallingLaws, TellingLaws):
    """Derive from it, and give it a fixture `world`."""
