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
        for prefix, max_keys, max_bytes in self._maps:
            inside = {path: value for path, value in fields.items() if path.startswith(prefix) and value is not None}
            bare = {path.removeprefix(prefix): value for path, value in inside.items()}
            if max_keys is not None and len(bare) > max_keys:
                notes.append(("VALUE_LENGTH", f"{prefix}*", f"more than {max_keys} keys"))
            if max_bytes is not None and len(canonical.encode(bare)) > max_bytes:
                notes.append(("VALUE_LENGTH", f"{prefix}*", f"longer than {max_bytes} bytes"))
