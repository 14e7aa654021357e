"""``links``: what becomes of federated identities, by the source's name of the identity provider."""

from collections.abc import Mapping

from poolshift.spec.context import Context, creatable
from poolshift.spec.model import Link
from poolshift.spec.written import WrittenLink


def links(written: Mapping[str, WrittenLink], context: Context) -> Mapping[str, Link]:
    """Errors: SPEC_LINK_UNSUPPORTED, SPEC_REQUIRED."""
    found: dict[str, Link] = {}
    for provider, link in written.items():
        path = ("links", provider)
        if link.mode == "create" and context.destination and not creatable(context.destination_kind("link")):
            remedy = "Use mode: rebind (the person links at the next sign-in there) or mode: skip."
            context.error("SPEC_LINK_UNSUPPORTED", "the destination takes no links", path, remedy)
        if link.to is None and link.mode != "skip":
            remedy = "Add to: …, the destination's word for this identity provider."
            context.error("SPEC_REQUIRED", f'"to" is missing in links.{provider}', path, remedy)
        found[provider] = Link(
            provider=provider,
            to=link.to or "",
            mode=link.mode,
            trust_email=link.trust_email,
            place=context.key_place(*path),
        )
    return found
