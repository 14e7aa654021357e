"""What the service account may do, as far as it may see that."""

from poolshift.errors import AccessDenied
from poolshift_providers.keycloak.admin import Admin

_MANAGEMENT = "realm-management"


def roles_of(admin: Admin, client_id: str) -> frozenset[str] | None:
    """Names of the roles of realm-management it has, those inside others included; None = it may not look."""
    try:
        own = admin.get("/clients", "view-clients", clientId=client_id)
        management = admin.get("/clients", "view-clients", clientId=_MANAGEMENT)
        if not own or not management:
            return None
        account = admin.get(f"/clients/{own[0]['id']}/service-account-user", "view-clients")
        path = f"/users/{account['id']}/role-mappings/clients/{management[0]['id']}/composite"
        return frozenset(str(role["name"]) for role in admin.get(path, "view-users"))
    except AccessDenied:
        return None
