"""The fields a spec chose for the source id and the owner marker."""

from poolshift.provider.schema import FieldSchema, KindSchema, Reading, Schema, with_markers

USERS = KindSchema(
    "user",
    {
        "external_id": FieldSchema("text", roles=frozenset({"source_id"})),
        "email": FieldSchema("text", roles=frozenset({"login"})),
        "custom.*": FieldSchema("text", max_length=9),
    },
    Reading("list"),
    (),
    {},
)
SCHEMA = Schema({"user": USERS})


def _roles(schema: Schema, role: str) -> tuple[str, ...]:
    return schema.kinds["user"].with_role(role)


def test_the_spec_decides_where_the_source_id_is() -> None:
    """Its field alone has the role, also one of an open map, whose bounds it keeps."""
    marked = with_markers(SCHEMA, "custom:legacy", None)
    assert _roles(marked, "source_id") == ("custom:legacy",)
    assert marked.kinds["user"].fields["custom:legacy"].max_length == 9
    assert _roles(marked, "login") == ("email",)


def test_one_field_may_be_both_and_keeps_its_other_roles() -> None:
    """Roles are added, not replaced."""
    marked = with_markers(SCHEMA, "email", "email")
    assert marked.kinds["user"].fields["email"].roles == {"login", "source_id", "owner"}
    assert _roles(marked, "source_id") == ("email",)


def test_without_a_choice_the_provider_decides() -> None:
    """And a field nobody knows changes nothing."""
    assert with_markers(SCHEMA, None, None) == SCHEMA
    assert with_markers(SCHEMA, "unknown", None) == SCHEMA
    assert with_markers(Schema({}), "external_id", None) == Schema({})
