"""Every finding a plan can hold: the source of truth for codes, families, severities, titles and remedies.

The first 35 are the rules of ``docs/findings``, in their order; the rest concern the plan's own inputs. A finding of
severity ``error`` holds the records it names and nothing else; those of STOPPING stop the plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from poolshift.identity.finding import Family, Severity

Verdict = Literal["error", "warn", "info", "ignore", "skip"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code means. ``remedy`` is an imperative sentence; neither text holds a value."""

    code: str
    family: Family
    severity: Severity
    title: str
    remedy: str

    @property
    def fixed(self) -> bool:
        """Takeover rules: the spec's `checks` cannot lower them."""
        return self.code.startswith(("LOGIN_", "VERIFIED_"))


_RULES: Final = (
    Rule("ID_EMAIL_CASE_DUP", "key", "error", "Several people share one e-mail address that differs in case only.",
         "Merge them at the source, or choose `users.duplicates`."),
    Rule("ID_MISSING", "local", "error", "A value the destination needs to identify a person is missing.",
         "Add the value at the source, map another attribute to the field, or leave these people out with `users.if`."),
    Rule("PHONE_FORMAT", "local", "warn", "A phone number is not in E.164 form and cannot be brought into it.",
         "Set `format: e164` with the right `region`, or correct the number at the source."),
    Rule("USERNAME_IS_EMAIL", "local", "error", "A username has the form of an e-mail, which the destination forbids.",
         "Map another attribute to the username, or let people sign in by e-mail."),
    Rule("LOGIN_COLLISION", "key", "error", "Two people would sign in with the same identifier.",
         "Change one of the identifiers at the source."),
    Rule("VERIFIED_RAISED", "local", "error", "A value would become verified that the source has not verified.",
         "Map the source's own verified flag, or leave the flag out."),
    Rule("STATUS_TEMPORARY", "count", "warn", "A person never replaced the temporary password.",
         "Plan a reset for them; a temporary password is not carried over."),
    Rule("STATUS_UNMAPPED", "local", "error", "A user status occurs that the spec lets fail.",
         "Say in `users.statuses` what becomes of it: import, reset or skip."),
    Rule("PERSON_TWIN", "key", "error", "A federated and a native record are the same person.",
         "Set `users.duplicates: merge`, or `skip`."),
    Rule("FEDERATED_CREDENTIAL", "local", "info", "A federated person has no password; none is set or reset.",
         "Nothing to do: they sign in with their identity provider."),
    Rule("LINK_LOST", "local", "info", "A link to an identity provider comes back at the next sign-in only.",
         "Set the link's `mode: create` where the destination can write links."),
    Rule("VERIFIED_LINK", "local", "error", "A link would trust an e-mail address that is not verified.",
         "Set `trust_email: false` for that identity provider."),
    Rule("DISABLED_LOST", "local", "error", "A disabled person could sign in at the destination.",
         "Set `users.disabled: skip`."),
    Rule("VALUE_TYPE", "local", "error", "A value cannot be cast to the type of its field.",
         "Correct it at the source, or map it with `values`, `format` or `if`."),
    Rule("VALUE_LENGTH", "local", "error", "A value is too long for its field or has characters it does not take.",
         "Shorten or correct it at the source, or leave it out with `if`."),
    Rule("FIELD_RESERVED", "local", "error", "The destination does not let this field be written.",
         "Map the attribute to a field of another name."),
    Rule("ATTRIBUTE_UNDECLARED", "local", "error", "The destination does not know this attribute.",
         "List it under `attributes`, or declare it at the destination."),
    Rule("DESTINATION_FIXED", "local", "error", "A fixed setting of the destination does not fit.",
         "Choose or create another destination."),
    Rule("ID_HELD_BY_DELETED", "key", "error", "A deleted or blocked destination record holds an identifier.",
         "Remove that record for good at the destination."),
    Rule("RECORD_STALE", "count", "error", "Records changed after they were read.", "Plan again."),
    Rule("SOURCE_GONE", "count", "warn", "People who were migrated no longer exist at the source.",
         "Choose `policy.source_gone`."),
    Rule("MESSAGES_PLANNED", "count", "warn", "Messages would be sent to people.",
         "Accept the exact number, or set `messages: {send: none}`."),
    Rule("QUOTA_BUDGET", "count", "info", "What the plan takes of the destination's quotas.",
         "Lower `rates` if live sign-ins need the quota."),
    Rule("RUN_PARTIAL", "count", "warn", "An earlier apply ended before all its changes were done.",
         "Apply again; what is done stays done."),
    Rule("NOT_CONVERGED", "count", "warn", "Changes that were applied are planned again.",
         "Look at one with `poolshift explain`; the destination may alter the value."),
    Rule("ID_SUB_LOST", "local", "error", "The person's id at the source is kept nowhere at the destination.",
         "Set `users.source_id`, or `checks: {ID_SUB_LOST: warn}` if nothing refers to it."),
    Rule("DATE_ZONE", "local", "warn", "A date has no time zone, or an unusual form; it was read as UTC.",
         "Add the offset at the source."),
    Rule("GROUP_ROLE_ARN", "count", "warn", "A group carries a cloud role or precedence, which stays behind.",
         "Move that permission to the application."),
    Rule("FACTOR_LOCKOUT", "count", "warn", "The destination demands a second factor these people do not have.",
         "Plan a time of grace, or choose `users.factors`."),
    Rule("PASSWORD_POLICY", "count", "warn", "The password policies of both ends differ.",
         "Loosen the destination's policy until the long tail is done."),
    Rule("JIT_CLIENT_FLOW", "local", "error", "The source's app client cannot check passwords for the bridge.",
         "Allow the password flow on that app client."),
    Rule("JIT_LATENCY", "count", "warn", "Checking a password at sign-in may take longer than the hook allows.",
         "Raise the source's quota, or migrate in smaller cohorts."),
    Rule("LOGIN_ALIAS_THEFT", "key", "error", "A sign-in alias would move away from another person.",
         "Change one of the two addresses at the source."),
    Rule("ARTEFACT_ENCODING", "local", "error", "A value does not survive the file format of the import.",
         "Use `method: api`, or correct the value at the source."),
    Rule("CUTOVER_DOMAIN", "count", "info", "The sign-in page moves to another domain.",
         "Tell people: password managers fill in by domain."),
    Rule("EXPECT_COUNT", "count", "error", "The source holds fewer or more records than `expect` says, or nobody now.",
         "Check the source, or correct `expect`."),
    Rule("VALUE_UNMAPPED", "local", "error", "A value has no entry in the field's `values`.",
         'Add it to `values`, or a `"*"`.'),
    Rule("GROUP_UNMAPPED", "local", "error", "No rule takes a group of the source, or its rule yields no name.",
         'Add a rule for it; `{match: "*", as: skip}` leaves the rest out.'),
    Rule("ROLE_AMBIGUOUS", "local", "error", "A role belongs in an organization and the person has several.",
         "Name it with the rule's `organization`."),
    Rule("LINK_UNMAPPED", "local", "error", "A person signs in with an identity provider the spec does not name.",
         "Add it under `links`; `mode: skip` leaves it out."),
    Rule("LINK_UNREADABLE", "local", "error", "The links of a person could not be read from the source.",
         "Export the person again, or correct the `identities` attribute."),
    Rule("LINK_TWICE", "key", "error", "Two people are linked to the same account of an identity provider.",
         "Remove one of the links at the source."),
    Rule("ORGANIZATION_NAME_TWICE", "local", "error", "Two organization keys yield one name.",
         "Give one of them another name under `organizations.items`."),
    Rule("ORGANIZATION_MISSING", "local", "error", "A person, or a role of theirs, needs an organization and has none.",
         "Set `organizations.missing` to skip or to a key."),
    Rule("DESTINATION_DUPLICATE", "key", "warn", "The destination holds a unique value twice.",
         "Clean up the destination first."),
    Rule("SOURCE_ID_TWICE", "key", "error", "Two source records have the same id.",
         "Export the source again, one pool at a time."),
    Rule("SOURCE_ID_BY_LISTING", "count", "info", "The destination cannot search by source id; it is listed.",
         "Nothing to do; plans take as long as a full listing."),
    Rule("EXPORT_OLD", "count", "warn", "The export is older than `policy.max_read_age`.", "Export the source again."),
    Rule("FIELD_NOT_CLEARABLE", "local", "error", "The destination cannot empty a field that should become empty.",
         "Empty it there by hand, or set `checks: {FIELD_NOT_CLEARABLE: warn}` to let its value stand."),
    Rule("ROUTE_REFUSES", "local", "error", "No way of creating people that the spec allows takes this person.",
         "Choose another `users.method`, or correct what the route names at the source."),
)  # fmt: skip

FINDINGS: Final[Mapping[str, Rule]] = {rule.code: rule for rule in _RULES}

STOPPING: Final = frozenset({"EXPECT_COUNT", "DESTINATION_FIXED", "ATTRIBUTE_UNDECLARED", "ID_SUB_LOST"})
"""At severity error these stop the whole plan."""

_WEIGHT: Final[Mapping[Verdict, int]] = {"error": 3, "warn": 2, "info": 1, "ignore": 0, "skip": 0}


def severity(code: str, checks: Mapping[str, str]) -> Verdict:
    """What a finding does: the spec's `checks` where they may say so, else the rule's own severity.

    skip = leave the record out; ignore = drop the finding. Raises KeyError for a code that does not exist.
    """
    rule = FINDINGS[code]
    wish = checks.get(code)
    if wish is None:
        return rule.severity
    verdict = _VERDICTS[wish]
    return rule.severity if rule.fixed and _WEIGHT[verdict] < _WEIGHT[rule.severity] else verdict


_VERDICTS: Final[Mapping[str, Verdict]] = {"error": "error", "warn": "warn", "ignore": "ignore", "skip": "skip"}
