"""CPU seconds of parts of the floor, without the start of the interpreter. Called in a process of its own."""

import tempfile
import time

from bench import floor


def loads_alone(world: str) -> float:
    began = time.process_time()
    floor.loads_alone(world)
    return time.process_time() - began


def source_side(world: str) -> float:
    with tempfile.TemporaryDirectory() as work:
        began = time.process_time()
        floor.source(world, work)
        floor.source_members(world, work)
        return time.process_time() - began
