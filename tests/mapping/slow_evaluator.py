"""The meaning of an expression, written down a second time: walks the tree, knows nothing of the generated code."""

from collections.abc import Mapping
from typing import Any

from poolshift.spec import expression_tree as tree

Rows = Mapping[str, Mapping[str, Mapping[str, str]]]


def scalar(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else None


def evaluate(node: tree.Node, values: Mapping[str, Any], tables: Rows) -> Any:
    def of(own: tree.Node) -> Any:
        return evaluate(own, values, tables)

    match node:
        case tree.Constant(value):
            return value
        case tree.Name(name):
            return values.get(name)
        case tree.ListOf(items):
            return [of(item) for item in items]
        case tree.Logic(word, items):
            result = None
            for item in items:
                result = of(item)
                if bool(result) == (word == "or"):
                    break
            return result
        case tree.Not(item):
            return not of(item)
        case tree.Choose(test, then, otherwise):
            return of(then) if of(test) else of(otherwise)
        case tree.Compare(first, rest):
            left = of(first)
            for operator, operand in rest:
                right = tables[operand.table] if isinstance(operand, tree.Keys) else of(operand)
                in_table = isinstance(operand, tree.Keys)
                if not compare(scalar(left) if in_table else left, operator, list(right) if in_table else right):
                    return False
                left = None if in_table else right
            return True
        case tree.Lookup(table, key, column):
            return tables[table].get(scalar(of(key)) or "", {}).get(column) or None
        case tree.Subscript(item, index):
            return subscript(of(item), of(index))
        case tree.Filter(name, item, arguments):
            return filtered(name, of(item), [of(argument) for argument in arguments])
        case tree.Words(items):
            return " ".join(text for item in items if (text := scalar(of(item)))) or None
        case tree.Concat(items):
            texts = [scalar(of(item)) for item in items]
            return None if None in texts else "".join(text or "" for text in texts)
    raise AssertionError(node)


def compare(left: Any, operator: str, right: Any) -> bool:
    if operator == "==":
        return bool(left == right)
    if operator == "!=":
        return bool(left != right)
    if operator in ("in", "not in"):
        if isinstance(right, str):
            inside = isinstance(left, str) and left in right
        else:
            inside = isinstance(right, list) and any(left == item for item in right)
        return inside == (operator == "in")
    numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        return False
    return bool({"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator])


def subscript(item: Any, index: Any) -> Any:
    if not isinstance(item, (str, list)) or not isinstance(index, int) or isinstance(index, bool):
        return None
    try:
        return item[index]
    except IndexError:
        return None


def filtered(name: str, value: Any, arguments: list[Any]) -> Any:
    if name == "default":
        falsy = len(arguments) > 1 and arguments[1]
        return arguments[0] if value is None or (falsy and not value) else value
    texts = [scalar(argument) for argument in arguments]
    if name == "join" and isinstance(value, list):
        return ((texts or [""])[0] or "").join(text for item in value if (text := scalar(item)) is not None)
    own = scalar(value)
    if own is None:
        return None
    first = texts[0] if texts else None
    match name:
        case "lower":
            return own.lower()
        case "upper":
            return own.upper()
        case "trim":
            return own.strip(first) if first else own.strip()
        case "split":
            return own.split(first) if first else own.split()
        case "join":
            return own
        case "removeprefix":
            return own[len(first) :] if first and own.startswith(first) else own
        case "removesuffix":
            return own[: -len(first)] if first and own.endswith(first) else own
        case "replace":
            return own if not first or texts[1] is None else own.replace(first, texts[1])
    raise AssertionError(name)
