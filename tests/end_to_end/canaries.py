"""People whose every value is recognised wherever it turns up, in whatever form."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from tests.population.people import Person

GIVEN: Final = "Kanarievogel"
FAMILY: Final = "Sijsjesmanïa"
MAILBOX: Final = "kanarie-7391"
DOMAIN: Final = "volière.example.com"
PHONE: Final = "+32470739151"
ODD_PHONE: Final = "0470-739-doorkiezen"
SUBJECT: Final = "108273645519283746551"
NAME_ID: Final = "NameID|Kanarie7391"
NOTE: Final = "zingt-elke-ochtend"
VALUES: Final = (GIVEN, FAMILY, MAILBOX, DOMAIN, PHONE, ODD_PHONE, SUBJECT, NAME_ID, NOTE)


def canaries() -> list[Person]:
    """One of each fate: created, linked, twins, in conflict, held for a link, for a phone, unmappable, left out."""
    return [
        _canary(1),
        replace(_canary(2), identities=[("Google", SUBJECT), ("CorpSAML", NAME_ID)]),
        _canary(3, email=f"{MAILBOX}-same@{DOMAIN}"),
        _canary(4, email=f"{MAILBOX}-SAME@{DOMAIN}"),
        replace(_canary(5), identities=[("Facebook", SUBJECT + "5")]),
        _canary(6, phone_number=ODD_PHONE),
        _canary(7, **{"custom:score": NOTE}),
        replace(_canary(8), status="UNCONFIRMED"),
        replace(_canary(9, email_verified="false"), identities=[("Google", SUBJECT + "9")]),
    ]


def _canary(number: int, **bent: str) -> Person:
    attributes = {
        "email": f"{MAILBOX}-{number}@{DOMAIN}",
        "email_verified": "true",
        "given_name": GIVEN,
        "family_name": FAMILY,
        "phone_number": f"{PHONE[:-1]}{number}",
        "phone_number_verified": "true",
    }
    sub = f"00000000-0000-4000-9000-{number:012d}"
    return Person(sub, f"canary-{number}", attributes=attributes | bent, groups=("beta",))


def forms(value: str) -> Iterator[bytes]:
    """The value in lower case as text, in URLs, in JSON, and in base64 at each of its three alignments."""
    text = value.encode()
    yield text.lower()
    yield quote(value, safe="").lower().encode()
    yield json.dumps(value)[1:-1].lower().encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + text)
        whole = encoded[4 if shift else 0 : len(encoded) - 4]
        if len(whole) >= 8:
            yield whole
            yield whole.replace(b"+", b"-").replace(b"/", b"_")


FORMS: Final = {form: value for value in VALUES for form in forms(value)}


def found_in(data: bytes) -> set[str]:
    """The canary values that occur in the bytes."""
    folded = data.lower()
    return {value for form, value in FORMS.items() if form in folded or form in data}
