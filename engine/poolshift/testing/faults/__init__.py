"""A server that injects faults between a client and any vendor's server.

Standard library only; knows HTTP, and of a vendor what its `Terms` say.
"""

from poolshift.testing.faults.exchange import Answer, Request, json_answer
from poolshift.testing.faults.fault import HOW, KILLS, PAGES, Fault, How
from poolshift.testing.faults.server import FaultServer
from poolshift.testing.faults.terms import Nature, PageOf, Refusal, Terms

__all__ = [
    "HOW",
    "KILLS",
    "PAGES",
    "Answer",
    "Fault",
    "FaultServer",
    "How",
    "Nature",
    "PageOf",
    "Refusal",
    "Request",
    "Terms",
    "json_answer",
]
