"""The admin API: each path and method of the spec that is answered here."""

import base64
import binascii
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from tests.servers.ory import bodies
from tests.servers.ory.console import Organizations
from tests.servers.ory.identities import Identities, shown
from tests.servers.ory.identity_schema import IdentitySchema
from tests.servers.ory.json_patch import patched
from tests.servers.ory.refusal import Refusal, malformed, not_found

Query = Mapping[str, list[str]]
PAGE: Final = 250
LARGEST_PAGE: Final = 500
IDS_AT_ONCE: Final = 500
_CREDENTIAL_TYPES: Final = ("password", "oidc", "totp", "lookup_secret", "webauthn", "code", "passkey", "saml")
_FILTERS: Final = ("ids", "credentials_identifier", "preview_credentials_identifier_similar", "organization_id")


class Answer(NamedTuple):
    status: int
    document: Any
    headers: Mapping[str, str] = {}


class Service:
    """One Kratos. ``lock`` is held while a request is carried out."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Any]]) -> None:
        self.schemas = {id: IdentitySchema(id, document) for id, document in schemas.items()}
        self.organizations = Organizations()
        self.identities = Identities(self.schemas, self.organizations)
        self.lock = threading.Lock()

    def execute(self, method: str, path: str, query: Query, body: Any, *, repeats: bool = False) -> Answer:
        """Raises Refusal. repeats: a list comes back to its first page."""
        for own, pattern, handler in _OPERATIONS:
            if own == method and (found := pattern.fullmatch(path)):
                with self.lock:
                    parts = [unquote(part) for part in found.groups()]
                    if handler is Service._list:
                        return self._list(query, body, repeats=repeats)
                    answer: Answer = handler(self, *parts, query, body)
                    return answer
        raise not_found()

    def _list(self, query: Query, _body: Any, *, repeats: bool = False) -> Answer:
        """spec GET /admin/identities; the next token stands in the Link header only (facts 2)."""
        if len([name for name in _FILTERS if name in query]) > 1:
            raise malformed("filters cannot be combined")
        if query.get("consistency", [""])[0] not in ("", "strong", "eventual"):
            raise malformed("consistency is strong or eventual")
        included = _included(query)
        if "ids" in query:
            if len(query["ids"]) > IDS_AT_ONCE:
                raise malformed(f"the maximum number of ids is {IDS_AT_ONCE}")
            found = [self.identities.by_id[id] for id in dict.fromkeys(query["ids"]) if id in self.identities.by_id]
            # In another order than asked for (spec `ids`).
            return Answer(200, [shown(own, included) for own in reversed(found)])
        if "credentials_identifier" in query:
            found_by = self.identities.by_identifier(query["credentials_identifier"][0])
            return Answer(200, [shown(own, included) for own in found_by])
        return self._page(query, included, repeats=repeats)

    def _page(self, query: Query, included: tuple[str, ...], *, repeats: bool) -> Answer:
        size = int(query.get("page_size", [str(PAGE)])[0])
        if not 1 <= size <= LARGEST_PAGE:
            raise malformed("page_size is out of range")
        after = 0 if repeats or "page_token" not in query else _number(query["page_token"][0])
        page = self.identities.after(after, size + 1)
        own = page[:size]
        links = [f'</admin/identities?page_size={size}&page_token={_token(0)}>; rel="first"']
        if len(page) > size:
            links.append(f'</admin/identities?page_size={size}&page_token={_token(own[-1][0])}>; rel="next"')
        return Answer(200, [shown(identity, included) for _, identity in own], {"Link": ",".join(links)})

    def _create(self, _query: Query, body: Any) -> Answer:
        """spec POST /admin/identities."""
        decoded = bodies.decode(body, bodies.CREATE)
        bodies.check_create(decoded)
        return Answer(201, shown(self.identities.create(decoded)))

    def _batch(self, _query: Query, body: Any) -> Answer:
        """spec PATCH /admin/identities; whole refusals and the order of answers: facts 4."""
        rows = bodies.decode(body, bodies.BATCH).get("identities") or []
        bodies.check_batch(rows)
        answers: list[dict[str, Any]] = []
        refusals: list[Refusal] = []
        for row in rows:
            named = {"patch_id": row["patch_id"]} if "patch_id" in row else {}
            try:
                made = self.identities.create(row["create"])
            except Refusal as refusal:
                refusals.append(refusal)
                answers.append({"action": "error", **named, "error": refusal.document()})
            else:
                answers.append({"action": "create", "identity": made["id"], **named})
        if refusals and len(refusals) == len(rows):
            status = 409 if all(own.status == 409 for own in refusals) else 400
            raise Refusal(status, "All identities failed to be created.")
        return Answer(200, {"identities": answers})

    def _get(self, id: str, query: Query, _body: Any) -> Answer:
        return Answer(200, shown(self.identities.get(id), _included(query)))

    def _get_external(self, external_id: str, query: Query, _body: Any) -> Answer:
        return Answer(200, shown(self.identities.by_external_id(external_id), _included(query)))

    def _put(self, id: str, _query: Query, body: Any) -> Answer:
        return Answer(200, shown(self.identities.put(id, bodies.decode(body, bodies.UPDATE))))

    def _patch(self, id: str, _query: Query, body: Any) -> Answer:
        document = patched(shown(self.identities.get(id)), body)
        return Answer(200, shown(self.identities.replace(id, document)))

    def _delete(self, id: str, _query: Query, _body: Any) -> Answer:
        self.identities.delete(id)
        return Answer(204, None)

    def _delete_credential(self, id: str, type_: str, query: Query, _body: Any) -> Answer:
        if type_ != "oidc" or "identifier" not in query:
            raise malformed("only an oidc credential with its identifier is removed here")
        self.identities.delete_oidc(id, query["identifier"][0])
        return Answer(204, None)

    def _organizations(self, _project: str, query: Query, _body: Any) -> Answer:
        return Answer(200, self.organizations.page(query))

    def _organize(self, _project: str, _query: Query, body: Any) -> Answer:
        return Answer(201, self.organizations.create(body))

    def _schema(self, id: str, _query: Query, _body: Any) -> Answer:
        if id not in self.schemas:
            raise not_found()
        return Answer(200, self.schemas[id].document)


Handler = Callable[..., Answer]
_ONE: Final = "/admin/identities/([^/]+)"
_OPERATIONS: Final[tuple[tuple[str, re.Pattern[str], Handler], ...]] = (
    ("GET", re.compile("/admin/identities"), Service._list),
    ("POST", re.compile("/admin/identities"), Service._create),
    ("PATCH", re.compile("/admin/identities"), Service._batch),
    ("GET", re.compile("/admin/identities/by/external/([^/]+)"), Service._get_external),
    ("GET", re.compile(_ONE), Service._get),
    ("PUT", re.compile(_ONE), Service._put),
    ("PATCH", re.compile(_ONE), Service._patch),
    ("DELETE", re.compile(_ONE), Service._delete),
    ("DELETE", re.compile(f"{_ONE}/credentials/([a-z_]+)"), Service._delete_credential),
    ("GET", re.compile("/projects/([^/]+)/organizations"), Service._organizations),
    ("POST", re.compile("/projects/([^/]+)/organizations"), Service._organize),
    ("GET", re.compile("/schemas/([^/]+)"), Service._schema),
)


def _included(query: Query) -> tuple[str, ...]:
    included = tuple(query.get("include_credential", ()))
    if unknown := set(included) - set(_CREDENTIAL_TYPES):
        raise malformed(f"there is no credential type {min(unknown)}")
    return included


def _token(number: int) -> str:
    return base64.urlsafe_b64encode(f"after={number}".encode()).decode().rstrip("=")


def _number(token: str) -> int:
    try:
        head, _, number = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition("=")
        if head == "after":
            return int(number)
    except (binascii.Error, ValueError):
        pass  # below: neither is a token of ours
    raise malformed("The page token is invalid, do not craft your own page tokens")
