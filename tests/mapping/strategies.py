"""Random expressions and records: trees, written out as text and parsed again by the code under test."""

from typing import Any

from hypothesis import strategies as st

from poolshift.spec import expression_tree as tree

NAMES = ("email", "given_name", "custom.plan", "custom.level", "custom.member", "groups")
TABLES = {"tenants": {"a": {"name": "Acme", "empty": ""}, "12": {"name": "Twelve", "empty": ""}}}

texts = st.text(alphabet="aAb1 é:-", max_size=6)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-20, 20), st.sampled_from([0.5, 12.0, -1.5]), texts)
values = st.one_of(scalars, st.lists(st.one_of(st.integers(0, 3), texts), max_size=3))
environments = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, values))

_constants = st.builds(tree.Constant, scalars)
_names = st.builds(tree.Name, st.sampled_from(NAMES))
_comparisons: st.SearchStrategy[Any] = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])


def _larger(nodes: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(nodes, min_size=1, max_size=3).map(tuple)
    two = st.lists(nodes, min_size=2, max_size=3).map(tuple)
    rest = st.lists(st.tuples(_comparisons, nodes), min_size=1, max_size=3).map(tuple)
    membership = st.tuples(st.sampled_from(["in", "not in"]), st.just(tree.Keys("tenants")))
    return st.one_of(
        st.builds(tree.ListOf, some),
        st.builds(tree.Logic, st.sampled_from(["and", "or"]), two),
        st.builds(tree.Not, nodes),
        st.builds(tree.Compare, nodes, rest),
        st.builds(tree.Compare, nodes, membership.map(lambda part: (part,))),
        st.builds(tree.Choose, nodes, nodes, nodes),
        st.builds(tree.Lookup, st.just("tenants"), nodes, st.sampled_from(["name", "empty"])),
        st.builds(tree.Subscript, nodes, nodes),
        st.builds(tree.Words, some),
        st.builds(tree.Concat, two),
        st.builds(tree.Filter, st.sampled_from(["lower", "upper", "trim", "split", "join"]), nodes, st.just(())),
        st.builds(tree.Filter, st.sampled_from(["removeprefix", "removesuffix", "default"]), nodes, st.tuples(nodes)),
        st.builds(tree.Filter, st.just("split"), nodes, st.tuples(nodes)),
        st.builds(tree.Filter, st.sampled_from(["replace", "default"]), nodes, st.tuples(nodes, nodes)),
    )


trees = st.recursive(st.one_of(_constants, _names), _larger, max_leaves=12)


def written(node: tree.Node) -> str:
    """The expression as a person would write it, with every bracket."""
    match node:
        case tree.Constant(value):
            return repr(value).lower() if value is None or isinstance(value, bool) else repr(value)
        case tree.Name(name):
            return name
        case tree.Keys(table):
            return f"tables.{table}"
        case tree.Lookup(table, key, column):
            return f"tables.{table}[{written(key)}].{column}"
        case tree.ListOf(items):
            return f"[{', '.join(map(written, items))}]"
        case tree.Logic(operator, items):
            return f"({f' {operator} '.join(map(written, items))})"
        case tree.Not(item):
            return f"(not {written(item)})"
        case tree.Compare(first, rest):
            return f"({written(first)} {' '.join(f'{operator} {written(right)}' for operator, right in rest)})"
        case tree.Choose(test, then, otherwise):
            return f"({written(then)} if {written(test)} else {written(otherwise)})"
        case tree.Subscript(item, index):
            return f"({written(item)})[{written(index)}]"
        case tree.Filter(name, item, arguments):
            return f"(({written(item)}) | {name}({', '.join(map(written, arguments))}))"
        case tree.Words(items):
            return f"words({', '.join(map(written, items))})"
        case tree.Concat(items):
            return f"({' ~ '.join(map(written, items))})"
