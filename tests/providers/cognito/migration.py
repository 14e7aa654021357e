"""The shipped plan on two pools of the server, run by the command."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from poolshift.cli import main
from poolshift.planning.plan_file import open_plan_file
from tests.providers.cognito.world import EMAIL_POOL, FAST
from tests.servers.cognito import CognitoServer, invented

SPEC: Final = Path(__file__).parents[3] / "plans" / "cognito-to-cognito" / "migration.yaml"
_QUOTAS: Final = ", ".join(f"{name}: {rate}" for name, rate in FAST.items())


class Migration:
    """From the server's first pool to a second one, in which people sign in with their e-mail address."""

    def __init__(self, server: CognitoServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.old = server.pool_id
        self.new = server.create_pool("new", **EMAIL_POOL)
        client = server.client()
        for name in ("Google", "CorpSAML"):
            details = {"client_id": "x", "client_secret": "y", "authorize_scopes": "email"}
            client.create_identity_provider(
                UserPoolId=self.new, ProviderName=name, ProviderType="Google", ProviderDetails=details
            )
        self.write_spec()
        self._number = 0

    def write_spec(self, text: str = "", **replaced: str) -> None:
        """The shipped spec with quotas no test waits for; ``text`` is added, ``replaced``: old text -> new."""
        spec = SPEC.read_text("utf-8")
        for end in ("old", "new"):
            before = f'{{pool_id: "${{var:{end}_pool}}"}}'
            assert before in spec
            spec = spec.replace(before, f'{{pool_id: "${{var:{end}_pool}}", quotas: {{{_QUOTAS}}}}}')
        for old, new in replaced.items():
            assert old in spec
            spec = spec.replace(old, new)
        (self.folder / "migration.yaml").write_text(spec + text, "utf-8")

    @property
    def variables(self) -> list[str]:
        return ["--var", f"old_pool={self.old}", "--var", f"new_pool={self.new}"]

    def run(self, *words: str) -> int:
        return main([*words, *self.variables])

    def plan(self) -> dict[str, Any]:
        """A fresh plan's document; its file is `latest`."""
        self._number += 1
        assert self.run("plan", "migration.yaml", "--out", self.latest) == 0
        plan = open_plan_file(self.folder / self.latest)
        document = dict(plan.document)
        plan.close()
        return document

    @property
    def latest(self) -> str:
        return f"{self._number}.plan"

    def apply(self, *words: str) -> int:
        return self.run("apply", self.latest, *words)

    def migrate(self, *accept: str) -> int:
        self.plan()
        return self.apply(*accept)

    def people(self) -> dict[str, dict[str, Any]]:
        """The new pool's users by the id they had: attributes, status, enabled, groups."""
        pool = self.server.pool(self.new)
        return {
            user.attribute_lookup["custom:legacy_sub"]: {
                "attributes": dict(user.attribute_lookup),
                "status": str(getattr(user.status, "value", user.status)),
                "enabled": user.enabled,
                "groups": {group.group_name for group in user.groups},
                "username": user.username,
            }
            for user in pool.users.values()
            if "custom:legacy_sub" in user.attribute_lookup
        }


def mixture(count: int) -> list[dict[str, Any]]:
    """Invented people of every kind, in groups whose names a pool takes."""
    return [json.loads(json.dumps(one).replace(" staff", "-staff")) for one in invented.records(count)]


def changes(document: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    """Changes of a plan by kind and action; what is no change is left out."""
    silent = {"noop", "hold", "conflict", "retain"}
    lines = document["summary"]
    return {(one["kind"], one["action"]): one["count"] for one in lines if one["action"] not in silent}
