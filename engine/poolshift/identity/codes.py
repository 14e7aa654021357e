"""The stable codes of everything a plan can find; what each means and costs stands in ``findings``."""

from typing import Final

from poolshift.identity.findings import FINDINGS

FINDING_CODES: Final[tuple[str, ...]] = tuple(FINDINGS)
