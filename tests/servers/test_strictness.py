"""Each strictness that is data: the same calls to moto alone and to the layer, which answer differently."""

from typing import Any

import jmespath  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from tests.servers.strictness import ACCEPTS, Call, Strictness, strictnesses

CASES = [case for case in strictnesses() if not case.proof]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_strictness(case: Strictness, shared: Any, moto: Any) -> None:
    """Where moto is kinder than Cognito, the layer answers as Cognito does."""
    assert _Pool(shared, case).told() == _expected(case, "layer")
    assert _Pool(moto, case).told() == _expected(case, "moto")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_two_differ(case: Strictness) -> None:
    """A case in which both servers answer alike proves nothing."""
    assert _expected(case, "layer") != _expected(case, "moto")


def _expected(case: Strictness, server: str) -> object:
    return getattr(case.shows or case, server)


class _Pool:
    """A pool as a case wants it, on one server."""

    def __init__(self, client: Any, case: Strictness) -> None:
        self._client = client
        self._case = case
        answer = client.create_user_pool(PoolName="people", **case.pool)
        self._filled = {"UserPoolId": answer["UserPool"]["Id"]}

    def told(self) -> object:
        """How the judged call is answered, or what shows afterwards."""
        for call in self._case.before:
            answer = self._answer(call)
            if "UserPoolClient" in answer:
                self._filled["ClientId"] = answer["UserPoolClient"]["ClientId"]
        shows = self._case.shows
        if shows is None:
            return self._verdict(self._case.call)
        self._answer(self._case.call)
        return jmespath.search(shows.query, self._answer(shows.call))

    def _verdict(self, call: Call) -> str:
        try:
            self._answer(call)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ACCEPTS

    def _answer(self, call: Call) -> dict[str, Any]:
        [(operation, parameters)] = call.items()
        model = self._client.meta.service_model.operation_model(operation)
        filled = {name: value for name, value in self._filled.items() if name in model.input_shape.members}
        method = next(name for name, wire in self._client.meta.method_to_api_mapping.items() if wire == operation)
        answer: dict[str, Any] = getattr(self._client, method)(**filled, **parameters)
        return answer
