"""``just_in_time``: passwords move at the first sign-in, by a hook of the destination."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from poolshift.spec.catalogue import SpecHook
from poolshift.spec.context import Context
from poolshift.spec.model import End
from poolshift.spec.nodes import MapNode, ScalarNode, Step
from poolshift.spec.problems import did_you_mean
from poolshift.spec.settings import SAFE, refuse_literal, settings
from poolshift.spec.written import WrittenJustInTime, WrittenPhase, WrittenUsers

_HERE: Final = "just_in_time"


def just_in_time(
    written: WrittenJustInTime | None, source: End | None, context: Context
) -> tuple[Mapping[str, Any] | None, SpecHook | None]:
    """The block resolved, and its hook where the destination has it. Errors: the SPEC_JIT family, SPEC_SETTING,
    SPEC_SECRET_LITERAL."""
    if written is None:
        return None, None
    context.problems.not_yet("just_in_time", context.key_place(_HERE), "Use passwords: reset for now.")
    name, hook = _hook(written, context)
    _check_url(written, hook, context)
    _check_secret(context)
    _check_client(source, context)
    if hook and written.timeout is not None and written.timeout > hook.budget_s:
        remedy = f"The hook waits {hook.budget_s:g} s at most."
        context.error("SPEC_JIT_TIMEOUT", "the timeout is above the hook's maximum", (_HERE, "timeout"), remedy)
    resolved: dict[str, Any] = written.as_mapping()
    model = settings_model(hook)
    if model and context.has(_HERE, "settings") and (read := settings(model, (_HERE, "settings"), context)):
        resolved["settings"] = read
    return {**resolved, "hook": name}, hook


def settings_model(hook: SpecHook | None) -> type[BaseModel] | None:
    """The model of ``just_in_time.settings``, where the hook has one."""
    model = getattr(hook, "settings", None)
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def _hook(written: WrittenJustInTime, context: Context) -> tuple[str | None, SpecHook | None]:
    if context.destination is None:
        return written.hook, None
    name = written.hook or next(iter(context.hooks), None)
    hook = context.hooks.get(name) if name else None
    if not context.hooks:
        context.error_at_key("SPEC_JIT_HOOK", "the destination has no hook", (_HERE,), "Use passwords: reset.")
    elif written.hook is None and len(context.hooks) > 1:
        remedy = did_you_mean("", context.hooks, "one of")
        context.error("SPEC_JIT_HOOK", "the destination has several hooks", (_HERE,), remedy)
    elif hook is None:
        remedy = did_you_mean(str(name), context.hooks, "one of")
        context.error("SPEC_JIT_HOOK", f'the destination has no hook "{name}"', (_HERE, "hook"), remedy)
    return name, hook


def _check_url(written: WrittenJustInTime, hook: SpecHook | None, context: Context) -> None:
    path = (_HERE, "url")
    if written.url is None:
        if hook and hook.needs_url:
            remedy = "Add url: https://…, where our bridge will answer."
            context.error("SPEC_JIT_URL", "the hook calls our bridge and has no url", (_HERE,), remedy)
    elif written.url.lower().startswith("http://"):
        context.error("SPEC_JIT_INSECURE", "passwords would travel in the clear", path, "Use https://.")
    elif not written.url.lower().startswith("https://"):
        context.error("SPEC_JIT_URL", "the url does not begin with https://", path, "Write it in full: https://…")
    elif hook and not hook.needs_url:
        context.error("SPEC_JIT_URL", "the hook does not call our bridge", path, "Leave `url` out.")


def _check_secret(context: Context) -> None:
    node = context.at(_HERE, "secret")
    if isinstance(node, ScalarNode) and not node.filled & SAFE:
        refuse_literal("secret", node, context)


def _check_client(source: End | None, context: Context) -> None:
    """Only a source with a client that may check passwords can answer the hook."""
    if source is None or getattr(source.settings, "client_id", None):
        return
    node = context.at("source", "settings")
    path: tuple[Step, ...] = ("source", "settings") if isinstance(node, MapNode) else ("source",)
    if "client_id" in type(source.settings).model_fields:
        remedy = "Add client_id: an app client that allows ADMIN_USER_PASSWORD_AUTH."
        context.error_at_key("SPEC_JIT_CLIENT", "the source has no client to check passwords with", path, remedy)
    else:
        remedy = "Use a source that is asked itself, or passwords: reset."
        context.error_at_key("SPEC_JIT_CLIENT", "this source cannot check passwords", path, remedy)


def check_passwords(
    users: WrittenUsers, phases: Sequence[WrittenPhase], block: bool, hook: SpecHook | None, context: Context
) -> None:
    """Whether passwords can move at the first sign-in. Errors: SPEC_JIT_UNSUPPORTED, SPEC_JIT_MISSING,
    SPEC_JIT_NO_PHASE, SPEC_JIT_PRECREATE, SPEC_JIT_ABSENT."""
    wanting: list[tuple[Step, ...]] = [("users", "passwords")] if users.passwords == "just_in_time" else []
    wanting += [
        ("phases", number, "passwords") for number, phase in enumerate(phases) if phase.passwords == "just_in_time"
    ]
    for path in wanting:
        context.problems.not_yet("passwords: just_in_time", context.key_place(*path), "Use passwords: reset for now.")
        if context.destination and not context.hooks:
            remedy = "Use passwords: reset, temporary or none."
            context.error("SPEC_JIT_UNSUPPORTED", "the destination has no first sign-in hook", path, remedy)
        elif not block:
            remedy = "Add just_in_time: {hook: …}, or use passwords: reset."
            context.error("SPEC_JIT_MISSING", "there is no `just_in_time` block", path, remedy)
        elif phases and not any("just_in_time" in phase.do for phase in phases):
            remedy = "Add just_in_time to the `do` of the phase that begins it."
            context.error("SPEC_JIT_NO_PHASE", "no phase does just_in_time", path, remedy)
    _check_presence(users, phases, bool(wanting), hook, context)


def _check_presence(
    users: WrittenUsers, phases: Sequence[WrittenPhase], wanted: bool, hook: SpecHook | None, context: Context
) -> None:
    """``create`` against what the hook needs. A phase that only resets passwords may create: the hook is done then."""
    places: list[tuple[str | None, tuple[Step, ...]]] = [(users.create, ("users", "create"))]
    for number, phase in enumerate(phases):
        if "just_in_time" in phase.do or phase.create == "at_sign_in":
            places.append((phase.create, ("phases", number, "create")))
        if phase.create == "at_sign_in":
            context.problems.not_yet("create: at_sign_in", context.key_place("phases", number, "create"))
    for create, path in places:
        if create == "now" and wanted and hook and hook.users == "must_not_exist":
            remedy = "Use create: auto; create: now belongs to a later phase."
            context.error("SPEC_JIT_PRECREATE", "the hook runs for absent users only", path, remedy)
        elif create == "at_sign_in" and hook and hook.users == "must_exist":
            context.error("SPEC_JIT_ABSENT", "the hook runs for present users only", path, "Use create: auto.")
        elif create == "at_sign_in" and hook is None and not context.hooks and context.destination:
            context.error("SPEC_JIT_ABSENT", "no hook creates users at sign-in", path, "Use create: now.")
