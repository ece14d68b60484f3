"""The public addresses of keys."""

from django.urls import path

from signing import views
from signing.publication import ROUTES

_VIEWS = {
    "jwks": views.platform_jwks,
    "did": views.platform_did,
    "tenant_jwks": views.tenant_jwks,
    "tenant_did": views.tenant_did,
    "key": views.single_key,
}
urlpatterns = [path(route, _VIEWS[name], name=name) for name, route in ROUTES.items()]
