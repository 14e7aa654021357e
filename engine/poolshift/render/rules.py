"""What each rule of the truth tables means, in one plain sentence: fields F and M, sets S, records R."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "F1": "Neither side has a value, and neither did before: nothing to do.",
        "F2": "Source, destination and the last apply agree: nothing to do.",
        "F3": "Both sides hold the same value although we did not write it: it is recorded as ours, not written.",
        "F4": "The source has a value and the destination has none: it is written for the first time.",
        "F5": "The destination holds a value the spec does not map: it is left alone, never cleared.",
        "F6": "The destination already held another value and we never wrote it: policy.existing_value decides.",
        "F7": "The spec no longer maps this field and nobody changed it: policy.unmapped releases or clears it.",
        "F8": "The value is gone on both sides: it is forgotten.",
        "F9": "The spec no longer maps this field and somebody changed it at the destination: it is released as it is.",
        "F10": "Somebody cleared at the destination what we wrote: it is restored, or kept cleared after the handover.",
        "F11": "Somebody changed at the destination what we wrote: it is restored, or kept after the handover.",
        "F12": "The source changed since the last apply and the destination did not: the change is carried over.",
        "F13": "Both sides moved to the same value: nothing to write, the new value is recorded.",
        "F14": "The source changed and the destination was cleared: a person has to decide.",
        "F15": "Source and destination changed differently since the last apply: policy.both_changed decides.",
        "M1": "The two sides differ as they did when that was decided, and neither moved: settled.",
        "M2": "Only the source moved since a difference was settled: treated as a change of the source.",
        "M3": "Only the destination moved since a difference was settled: treated as drift.",
        "M4": "Both sides moved since a difference was settled: treated as two changes.",
        "S1": "The destination has this element and the source never gave it: it is somebody else's and stays.",
        "S2": "The source has this element and the destination does not: it is added.",
        "S3": "Both sides have this element although we did not add it: it is recorded as ours.",
        "S4": "We added this element and the source no longer has it: removed, within limits.remove_membership.",
        "S5": "We added this element and it is gone on both sides: it is forgotten.",
        "S6": "Somebody removed at the destination what we added: it is added again, or left out after the handover.",
        "S7": "Source, destination and the last apply agree on this element: nothing to do.",
        "S8": "Neither side has this element, and neither did before: nothing to do.",
        "W1": "The destination never shows this value, and what we sent last is still right: nothing to do.",
        "W2": "The destination never shows this value, and we never sent it: it is sent once.",
        "W3": "The destination never shows this value, and the source changed: sent again, never after the handover.",
        "W4": "The value at the destination could not be read: nothing is decided until it can.",
        "N": "A finding decides: nothing is done until a person has settled it.",
        "R1": "It is at the source and nowhere at the destination: it is created.",
        "R1j": "The person is created at the first sign-in, by the hook: nothing is written until then.",
        "R2": "The destination record carries our marker or this source id: it is taken up again.",
        "R3": "A destination record has the same verified e-mail or a declared key: adopted, within limits.adopt.",
        "R3n": "The destination has a shared record of this name: taken up by name; limits.adopt counts people only.",
        "R4": "Only an unverified e-mail or a login name is the same: never linked, that could give an account away.",
        "R5": "The destination record carries the marker of another migration: it is not touched.",
        "R6": "Several destination records match equally well: a person has to say which one it is.",
        "R7": "It is known on both sides: decided field by field.",
        "R8": "We created it and the destination no longer has it: held, because somebody may have erased it.",
        "R8m": "The record we knew is gone, and another one carries our marker: taken up again, within limits.adopt.",
        "R8e": "The record we knew is gone, and another one has the same verified e-mail: a person has to decide.",
        "R9": "It left the source but not the destination: retained, unless policy.source_gone says otherwise.",
        "R10": "It is gone on both sides: it is forgotten.",
        "R11": "The destination has this record and the source never had it: it is somebody else's, never touched.",
        "R12": "The matching record belongs to another person of the source: the identity was given out again.",
        "R13": "An earlier run ended without an answer for this record: that is settled before anything else.",
        "R14": "The record changed after the plan was made: it is left for the next plan.",
    }
)


def meaning(rule: str) -> str:
    """The sentence of a rule; empty for a rule this version does not know (a newer plan)."""
    return RULES.get(rule, "")
