"""The shipped plan on a pool and a tenant, run by the command."""

from pathlib import Path
from typing import Any, Final

import pytest

from poolshift.cli import main
from poolshift.planning.plan_file import open_plan_file
from tests.providers.auth0.world import FAST
from tests.servers.auth0 import Auth0Server
from tests.servers.cognito import CognitoServer

SPEC: Final = Path(__file__).parents[3] / "plans" / "cognito-to-auth0" / "migration.yaml"
_CONNECTION: Final = 'connection: "${var:connection}"'


class Migration:
    """From the pool of one server to the tenant of another."""

    def __init__(self, cognito: CognitoServer, auth0: Auth0Server, folder: Path, environ: pytest.MonkeyPatch) -> None:
        self.cognito = cognito
        self.auth0 = auth0
        self.folder = folder
        environ.chdir(folder)
        environ.setenv("AUTH0_CLIENT_ID", auth0.service.tokens.client_id)
        environ.setenv("AUTH0_CLIENT_SECRET", auth0.service.tokens.client_secret)
        environ.setenv("AWS_ENDPOINT_URL", cognito.url)
        environ.setenv("AWS_ACCESS_KEY_ID", "AKIAINVENTED")
        environ.setenv("AWS_SECRET_ACCESS_KEY", "invented")
        environ.setenv("AWS_CONFIG_FILE", "/nonexistent")
        environ.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        environ.setenv("AWS_EC2_METADATA_DISABLED", "true")
        environ.delenv("AWS_PROFILE", raising=False)
        self.write_spec()

    def write_spec(self, replaced: dict[str, str] | None = None, more: str = "") -> None:
        """The shipped spec, pointed at the tenant on this machine; ``replaced``: old text -> new; ``more``: added."""
        quotas = ", ".join(f"{name}: {rate}" for name, rate in FAST.items())
        local = f'{_CONNECTION}\n    endpoint_url: "{self.auth0.url}"\n    quotas: {{{quotas}}}'
        spec = SPEC.read_text("utf-8")
        for old, new in {_CONNECTION: local, **(replaced or {})}.items():
            assert old in spec
            spec = spec.replace(old, new)
        (self.folder / "migration.yaml").write_text(spec + more, "utf-8")

    @property
    def variables(self) -> list[str]:
        return ["--var", f"pool={self.cognito.pool_id}", "--var", f"domain={self.auth0.domain}"]

    def run(self, *words: str) -> int:
        return main([*words, *self.variables])

    def plan(self) -> dict[str, Any]:
        """A fresh plan's document, in latest.plan."""
        assert self.run("plan", "migration.yaml", "--out", "latest.plan") == 0
        plan = open_plan_file(self.folder / "latest.plan")
        document = dict(plan.document)
        plan.close()
        (self.folder / "latest.plan").rename(self.folder / f"{document['plan']['id']}.plan")
        return document

    def apply(self, document: dict[str, Any], *words: str) -> int:
        return self.run("apply", f"{document['plan']['id']}.plan", *words)


def changes(document: dict[str, Any]) -> dict[tuple[str, str], int]:
    """Changes of a plan by kind and action; what is no change is left out."""
    silent = {"noop", "hold", "conflict", "retain"}
    return {(one["kind"], one["action"]): one["count"] for one in document["summary"] if one["action"] not in silent}


def findings(document: dict[str, Any]) -> dict[str, int]:
    return {one["code"]: one["count"] for one in document["findings"]}
