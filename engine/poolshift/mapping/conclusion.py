"""What becomes of a person with something to say about: left out, unmappable, or planned with findings."""

from collections.abc import Mapping, Sequence

from poolshift import canonical
from poolshift.identity.address import address
from poolshift.identity.finding import Finding
from poolshift.identity.findings import FINDINGS, severity
from poolshift.identity.value import Path, Value
from poolshift.mapping.desired import Desired, Left
from poolshift.mapping.field_rule import Note
from poolshift.mapping.user_plan import UserPlan


class Conclusion:
    """Applies `checks` to the notes of one person, and knows the bounds of open maps."""

    def __init__(self, plan: UserPlan) -> None:
        self._verdicts = {code: severity(code, plan.spec.checks) for code in FINDINGS}
        self._maps = plan.bounded_maps

    def of(self, desired: Desired, unknown: Sequence[Path], notes: Sequence[Note]) -> Desired | Left:
        """`skip` leaves the person out, `ignore` drops the finding, VALUE_TYPE as an error makes it unmappable."""
        findings: list[Finding] = []
        unmappable = False
        where = address("user", desired.source_id)
        for code, path, message in dict.fromkeys(notes):
            verdict = self._verdicts[code]
            if verdict == "skip":
                return Left(desired.source_id, "unselected", "check")
            if verdict == "ignore":
                continue
            unmappable = unmappable or (code == "VALUE_TYPE" and verdict == "error")
            findings.append(Finding(code, where, path or None, message))
        if unmappable:
            return Left(desired.source_id, "unmappable", findings=tuple(findings))
        desired.findings = tuple(findings)
        desired.unknown = tuple(dict.fromkeys(unknown))
        return desired

    def weigh(self, fields: Mapping[Path, Value], notes: list[Note]) -> None:
        """VALUE_LENGTH where an open map has too many keys or too many bytes of JSON."""
        for bounds in self._maps:
            inside = {path: value for path in bounds.paths if (value := fields.get(path)) is not None}
            if bounds.max_keys is not None and len(inside) > bounds.max_keys:
                notes.append(("VALUE_LENGTH", f"{bounds.prefix}*", f"more than {bounds.max_keys} keys"))
            if bounds.max_bytes is not None:
                bare = {path.removeprefix(bounds.prefix): value for path, value in inside.items()}
                if len(canonical.encode(bare)) > bounds.max_bytes:
                    notes.append(("VALUE_LENGTH", f"{bounds.prefix}*", f"longer than {bounds.max_bytes} bytes"))
