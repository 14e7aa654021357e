"""A defect of a provider: it raised what no provider may."""

import traceback
from pathlib import PurePath

from poolshift.apply.packing import Packet
from poolshift.errors import PoolshiftError
from poolshift.provider.operation import Unknown


def defect_of(packet: Packet, error: BaseException | None) -> PoolshiftError | None:
    """It counts as a lost answer, and is told where it comes again each time; never what it says, which may be values.

    None for what a provider may raise.
    """
    if error is None or isinstance(error, PoolshiftError | Unknown):
        return None
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = f"route {packet.route.name} of {packet.route.kind} raised {type(error).__name__}"
    return PoolshiftError.of(
        "PROVIDER_DEFECT",
        f"{what} in {place.name}, line {place.lineno} of {PurePath(place.filename).name}, each time it was asked",
        "Report this to the provider's author; `poolshift recover SPEC` tells what became of what was sent.",
    )
