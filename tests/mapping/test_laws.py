"""Laws of the generated function, over random expressions, fields and records."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from poolshift.identity.value import ABSENT, UNKNOWN, Value
from poolshift.mapping.desired import Desired, Left
from poolshift.mapping.emitter import Emitter, compiled, template_function
from poolshift.mapping.field_rule import Note
from poolshift.mapping.mapper import Mapper
from poolshift.mapping.user_plan import UserPlan
from poolshift.spec import expression_tree as tree
from poolshift.spec.expression import parse, parse_template, source_key
from poolshift.spec.model import Field, Spec, Table
from tests.mapping.ends import SOURCE, destination, spec_of
from tests.mapping.slow_evaluator import evaluate
from tests.mapping.strategies import NAMES, TABLES, environments, trees, values, written

SPEC_TABLES = {name: Table(file="t.csv", key="id", rows=rows, digest="0") for name, rows in TABLES.items()}
SCHEMA = destination(username_check=True)
PATHS = ("name", "score", "active", "joined", "tags", "slug", "note", "phone", "email", "attributes.x", "address")

odd_values = st.one_of(
    values,
    st.just(UNKNOWN),
    st.sampled_from(["", "gold", "g", "true", "12", "1e5", "2024-01-01", "+32470123456", "a@example.com"]),
    st.sampled_from(["a\0b", "\ud800", "x" * 300, "é" * 15, " ", "[1", "{}", "2024-01-01T00:00:00", "0000-05-01"]),
)
records = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys([source_key(name) for name in NAMES if name != "groups"], odd_values),
        "status": st.sampled_from(["CONFIRMED", "EXTERNAL_PROVIDER", "UNKNOWN", "FORCE_CHANGE_PASSWORD"]),
        "enabled": st.booleans(),
        "email_verified": st.booleans(),
        "identities": st.one_of(st.just(UNKNOWN), st.just([{"provider": "Google", "subject": "1"}]), odd_values),
    },
)
templates = st.one_of(
    trees.map(lambda node: f"{{{{ {written(node)} }}}}"),
    trees.map(lambda node: f"a-{{{{ {written(node)} }}}}"),
    st.sampled_from(["x-{{ email }}", "{{ email }}/{{ given_name }}", "{{ custom.plan | lower }}"]),
)
maybe_values = st.one_of(st.none(), st.dictionaries(st.sampled_from(["g", "gold", "true", "*"]), values, max_size=3))
formats = st.sampled_from([None, "email", "e164", "lower", "upper", "trim", "bool", "number", "date", "list", "json"])


@st.composite
def fields(draw: Callable[[st.SearchStrategy[Any]], Any], path: str) -> dict[str, Any]:
    field: dict[str, Any] = {"path": path, "format": draw(formats), "values": draw(maybe_values)}
    match draw(st.sampled_from(["source", "template", "constant"])):
        case "source":
            field["source"] = source_key(draw(st.sampled_from(NAMES)))
        case "template":
            field |= {"value": draw(templates), "is_template": True}
        case _:
            field["value"] = draw(values)
    if draw(st.booleans()):
        field |= {"default": draw(values), "has_default": True}
    if draw(st.booleans()):
        field["condition"] = written(draw(trees))
    return field


specs = st.lists(st.sampled_from(PATHS), unique=True, max_size=4).flatmap(
    lambda paths: st.tuples(*(fields(path) for path in paths))
)


@settings(max_examples=400, deadline=None)
@given(trees, environments)
@example(tree.Compare(tree.Name("email"), (("<", tree.Name("email")),)), {"email": "a"})
@example(tree.Compare(tree.Name("email"), (("<=", tree.Name("email")),)), {"email": "a"})
@example(tree.Compare(tree.Constant(1), (("<", tree.Constant(1)),)), {})
@example(tree.Compare(tree.Constant(2), ((">", tree.Words((tree.Constant("a"),))), (">=", tree.Constant("a")))), {})
@example(tree.Compare(tree.Name("email"), (("<", tree.Words((tree.Name("groups"),))), ("<", tree.Constant("b")))), {})
def test_the_emitted_expression_means_what_the_tree_says(node: tree.Node, environment: dict[str, Any]) -> None:
    """Parsed from text, emitted as Python and run, an expression has the value of the slow evaluator."""
    variables = {name: f"n{position}" for position, name in enumerate(NAMES)}
    emitter = Emitter(SPEC_TABLES, variables.__getitem__)
    body = emitter.expression(parse(written(node)))
    source = f"def value({', '.join(variables.values())}):\n    hazy = True\n    return {body}\n"
    function = compiled(source, emitter.namespace, "value")
    expected = evaluate(node, environment, TABLES)
    result = function(*(environment.get(name) for name in NAMES))
    assert result == expected
    assert type(result) is type(expected)


def slow_value(expression_text: str, record: dict[str, Value], *, template: bool) -> Value:
    """A template or bare expression over a record, by the slow evaluator."""
    parsed = parse_template(expression_text) if template else parse(expression_text)
    names = {name: record.get(source_key(name)) for name in parsed.names if not name.startswith("tables.")}
    if any(value is UNKNOWN for value in names.values()):
        return UNKNOWN
    names = {name: None if isinstance(value, str) and not value else value for name, value in names.items()}
    if not template:
        return evaluate(parse(expression_text).tree, names, TABLES)
    parts = parse_template(expression_text).parts
    nodes = tuple(tree.Constant(part) if isinstance(part, str) else part.tree for part in parts)
    return evaluate(nodes[0] if len(nodes) == 1 else tree.Concat(nodes), names, TABLES)


def slow_fields(spec: Spec, record: dict[str, Value]) -> tuple[dict[str, Value], set[str], set[Note]]:
    """What the spec's own fields come to: every one through FieldRule.settle, without short cuts."""
    plan = UserPlan(spec, SOURCE, SCHEMA)
    out: dict[str, Value] = {}
    unknown: set[str] = set()
    notes: list[Note] = []
    for field in spec.users.fields:
        value = slow_field(plan, field, record, notes)
        if value is UNKNOWN:
            unknown.add(field.path)
        elif value is not ABSENT:
            out[field.path] = value
    return out, unknown, set(notes)


def slow_field(plan: UserPlan, field: Field, record: dict[str, Value], notes: list[Note]) -> Value:
    if field.condition is not None:
        holds = slow_value(field.condition, record, template=False)
        if holds is UNKNOWN:
            return UNKNOWN
        if not holds:
            return ABSENT
    if field.source is None and field.value is None:
        return None
    if field.source is not None:
        raw = record.get(field.source)
    else:
        raw = slow_value(field.value, record, template=True) if field.is_template else field.value
    return plan.rule(field.path, field).settle(raw, notes)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(specs, records, st.lists(st.sampled_from(["a", "b", "12"]), unique=True, max_size=2))
def test_the_generated_function_equals_the_slow_mapping(
    own: tuple[dict[str, Any], ...], record: dict[str, Value], groups: list[str]
) -> None:
    """Short cuts of the generated function never change a value, an unknown path or a finding; nothing is raised."""
    checks = {"VALUE_TYPE": "warn"}  # otherwise such records end as Left and hide the rest
    spec = spec_of({"fields": own, "tables": TABLES, "checks": checks, "links": {"Google": {"to": "google"}}})
    result = Mapper(spec, SOURCE, SCHEMA).map("S1", record, groups)
    out, unknown, notes = slow_fields(spec, {**record, "groups": groups})
    assert isinstance(result, Desired)
    owned = {field.path for field in spec.users.fields}
    assert {path: value for path, value in result.fields.items() if path in owned} == out
    assert {path for path in result.unknown if path in owned} == unknown
    found = {(finding.code, finding.path, finding.message) for finding in result.findings}
    assert notes <= found
    assert {code for code, path, _ in found if path in owned} <= {code for code, _, _ in notes} | {
        "ID_MISSING",
        "VERIFIED_RAISED",
        "USERNAME_IS_EMAIL",
    }


@settings(max_examples=200, deadline=None)
@given(specs, records)
def test_mapping_twice_gives_the_same(own: tuple[dict[str, Any], ...], record: dict[str, Value]) -> None:
    """No state is kept between people: constants are not used up and nobody's list is somebody else's."""
    mapper = Mapper(spec_of({"fields": own, "tables": TABLES}), SOURCE, SCHEMA)
    first = mapper.map("S1", record)
    mapper.map("S2", {})
    assert mapper.map("S1", record) == first


@settings(max_examples=200, deadline=None)
@given(specs, records, st.sampled_from(["error", "warn", "ignore", "skip"]))
def test_only_type_errors_make_a_record_unmappable(
    own: tuple[dict[str, Any], ...], record: dict[str, Value], level: str
) -> None:
    """A record is left out only for the reasons there are, and every finding has an address of that person."""
    mapper = Mapper(spec_of({"fields": own, "tables": TABLES, "checks": {"VALUE_TYPE": level}}), SOURCE, SCHEMA)
    result = mapper.map("S1", record)
    assert {finding.address for finding in result.findings} <= {'user["S1"]'}
    if isinstance(result, Left):
        assert (result.reason, level) in {("unmappable", "error"), ("unselected", "skip")}
        assert (result.why == "check") is (level == "skip")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_texts_of_the_spec_never_become_code(constant: str, key: str) -> None:
    """Quotes, line ends and braces in constants, keys and paths arrive as the texts they are."""
    if "{{" in constant or "{%" in constant:
        return
    field = {"path": f"attributes.{key}", "value": constant, "is_template": False}
    mapped = {"path": "name", "source": key or "k", "values": {"*": constant}}
    result = Mapper(spec_of({"fields": [field, mapped]}), SOURCE, SCHEMA).map("S1", {key or "k": "v"})
    assert isinstance(result, Desired)
    for path in (f"attributes.{key}", "name"):
        if constant and path in result.fields:
            assert result.fields[path] == constant


def test_expressions_of_the_greatest_depth_compile() -> None:
    """Python's own parser has bounds on brackets; fifty levels of ours stay below them."""
    for nested in ("(not " * 48 + "group" + ")" * 48, "words(" * 49 + "group" + ")" * 49):
        assert template_function(f"{{{{ {nested} }}}}", ("group",), {})("a") is not None
    choice = "('a' if " * 48 + "group" + " else 'b')" * 48
    assert template_function(f"{{{{ {choice} }}}}", ("group",), {})("a") == "a"
    lookups = "[" * 48 + "group == 'a' == true" + "]" * 48
    assert template_function(f"{{{{ {lookups} }}}}", ("group",), {})("a")
