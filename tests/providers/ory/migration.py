"""The shipped plan from a pool of the server to a Kratos of our own, run by the command."""

from pathlib import Path
from typing import Any, Final

from poolshift.cli import main
from poolshift.planning.plan_file import open_plan_file
from tests.providers.cognito.world import FAST
from tests.servers.cognito import CognitoServer
from tests.servers.ory import KratosServer

SPEC: Final = Path(__file__).parents[3] / "plans" / "cognito-to-ory" / "migration.yaml"
_QUOTAS: Final = ", ".join(f"{name}: {rate}" for name, rate in FAST.items())


class Migration:
    """In a folder of its own, which is the working folder."""

    def __init__(self, pool: CognitoServer, kratos: KratosServer, folder: Path) -> None:
        self.pool = pool
        self.kratos = kratos
        self.folder = folder
        self.write_spec()
        self._number = 0

    def write_spec(self, **replaced: str) -> None:
        """The shipped spec with quotas no test waits for; ``replaced``: old text -> new."""
        spec = SPEC.read_text("utf-8")
        quick = {'{pool_id: "${var:pool}"}': f'{{pool_id: "${{var:pool}}", quotas: {{{_QUOTAS}}}}}'}
        for old, new in (quick | replaced).items():
            assert old in spec
            spec = spec.replace(old, new)
        (self.folder / "migration.yaml").write_text(spec, "utf-8")

    def run(self, *words: str) -> int:
        return main([*words, "--var", f"pool={self.pool.pool_id}", "--var", f"kratos={self.kratos.url}"])

    def plan(self, code: int = 0) -> dict[str, Any]:
        """A fresh plan's document; its file is `latest`."""
        self._number += 1
        assert self.run("plan", "migration.yaml", "--out", self.latest) == code
        plan = open_plan_file(self.folder / self.latest)
        document = dict(plan.document)
        plan.close()
        return document

    @property
    def latest(self) -> str:
        return f"{self._number}.plan"

    def apply(self, *words: str) -> int:
        return self.run("apply", self.latest, *words)

    def findings(self, code: int = 0) -> dict[str, list[str]]:
        """Samples of a fresh plan's findings by code."""
        return {own["code"]: own["samples"] for own in self.plan(code)["findings"]}
