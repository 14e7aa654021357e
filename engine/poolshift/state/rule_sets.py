"""Rule sets of a lineage: which fields a base row has, and by which rules its pairs were decided. Pure."""

from collections.abc import Mapping

from poolshift import canonical
from poolshift.identity.value import Path
from poolshift.state.base import Base
from poolshift.state.packing import Packer, rule_set_of


class RuleSets:
    """Numbers and rules; packs base rows by the rule set they name. ValueError where the number is not known."""

    def __init__(self, rules: Mapping[int, Mapping[Path, str]]) -> None:
        self._rules: dict[int, Mapping[Path, str]] = {}
        self._numbers: dict[bytes, int] = {}
        self._packers: dict[int, Packer] = {}
        for number, rule_set in sorted(rules.items()):
            self.add(number, rule_set)

    def add(self, number: int, rules: Mapping[Path, str]) -> None:
        self._rules[number] = dict(rules)
        self._numbers.setdefault(canonical.encode(dict(rules)), number)
        self._packers[number] = Packer(number, rules)

    def all(self) -> Mapping[int, Mapping[Path, str]]:
        return dict(self._rules)

    def find(self, rules: Mapping[Path, str]) -> int | None:
        return self._numbers.get(canonical.encode(dict(rules)))

    def next(self) -> int:
        return max(self._rules, default=0) + 1

    def pack(self, base: Base) -> bytes:
        return self._packer(base.rule_set).pack(base)

    def unpack(self, source_id: str, row: bytes) -> Base:
        return self._packer(rule_set_of(row)).unpack(source_id, row)

    def _packer(self, number: int) -> Packer:
        packer = self._packers.get(number)
        if packer is None:
            raise ValueError(f"base row names rule set {number}, which is not stored")
        return packer
