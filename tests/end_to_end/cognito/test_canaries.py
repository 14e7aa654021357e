"""Two thousand people from one pool into another: nothing that tells of one of them is anywhere beside the pools."""

from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL
from typing import Any, Final

import pytest
from faults.emulated import pool_spec
from faults.runs import Nursery

from poolshift.testing.faults import Fault, FaultServer
from tests.end_to_end.canaries import VALUES, Secrets, address, canaries, plain
from tests.end_to_end.cognito.expectation import expected
from tests.end_to_end.cognito.pools import Pools
from tests.end_to_end.forked import Forked
from tests.end_to_end.haul import Haul
from tests.end_to_end.migration import SPEC_FILE, accepts
from tests.end_to_end.search import Search
from tests.population.people import people
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.terms import CognitoTerms
import time

@pytest.mark.slow
def test_x(tmp_path: Path) -> None:
    secrets = Secrets()
    everybody = [*people(2_250), *canaries(8)]
    t=time.perf_counter()
    def lap(w):
        nonlocal t
        n=time.perf_counter(); print(f"{n-t:6.2f} {w}", flush=True); t=n
    with CognitoServer() as server, Nursery() as nursery, FaultServer(server.url, CognitoTerms()) as faults:
        pools = Pools(server)
        pools.seed(everybody)
        migration = Forked(tmp_path / "m", nursery)
        migration.folder.mkdir()
        migration.write_spec(pool_spec(pools.old_id, pools.new_id, server.url, faults.url))
        haul = Haul(migration, Search([*VALUES, *secrets.environ.values()]), secrets.environ)
        lap("seed")
        def run(*w, **k):
            r = haul.run(*w, **k); lap(" ".join(w)+" -> "+str(r.code)); return r
        run("validate", SPEC_FILE)
        run("doctor", SPEC_FILE)
        r = run("plan", SPEC_FILE, "--format", "json", "--out", "a.plan")
        acc = accepts(r.document)
        run("show", "a.plan", "--format", "markdown")
        run("explain", SPEC_FILE, address(1))
        run("apply", "a.plan", codes=(6,))
        faults.fail(Fault("kill_committed", at="write", nth=800))
        faults.spare
        run("apply", "a.plan", *acc, codes=(-9,), started=faults.aim)
        print(haul.work(), [ (migration.folder/p).stat().st_size for p in haul.work()])
        faults.spare()
        run("recover", SPEC_FILE)
        run("apply", "a.plan", *acc, codes=(4,5))
        r=run("plan", SPEC_FILE, "--format", "json", "--out", "b.plan")
        print(r.document["summary"])
        run("apply", "b.plan", *accepts(r.document), codes=(4,5))
        for c in ("verify","drift","status","report","export-ids"):
            run(c, SPEC_FILE, codes=range(14))
        run("state","list", SPEC_FILE)
        run("state","verify", SPEC_FILE)
        run("state","export", SPEC_FILE, "x.sealed")
        there, left = expected([plain(p) for p in everybody])
        m = pools.moved()
        assert m.keys() == there.keys()
        assert m == there
        lap("end")
        print([(str(p), (migration.folder/p).stat().st_size) for p in migration.files()])
