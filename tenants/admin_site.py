"""The operators' admin site: its overview, and the bar that says for whom one acts."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from operator import itemgetter
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tenants.acting import SESSION_KEY, Acting, acting, tenant_choices
from tenants.dashboard import Panel

_ORDER = {
    app: place
    for place, app in enumerate(
        ("certificates", "verification", "templates_app", "tenants", "signing", "outbox")
    )
}
PanelFunction = Callable[[Acting, datetime], Panel | None]


class OperatorsSite(admin.AdminSite):
    """The admin that tenant operators use. Rooms above add their panel to the overview."""

    site_header = "Certification service"
    site_title = "Certification service"
    index_title = "Overview"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._panels: list[tuple[int, PanelFunction]] = []

    def add_panel(self, function: PanelFunction, *, place: int) -> None:
        """Show a panel on the overview; the function gets for whom one acts, and the time."""
        self._panels.append((place, function))
        self._panels.sort(key=itemgetter(0))

    def get_app_list(self, request: Any, app_label: str | None = None) -> list[Any]:
        """Order the apps by how often operators need them."""
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: _ORDER.get(app["app_label"], len(_ORDER)))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the tenant switch; drop the redirect that reaches any row of any tenant."""
        urls = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        return [path("acting/", self.admin_view(self.act_for), name="acting"), *urls]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        """Let browsers say where a form came from."""
        return _saying_origin(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Let browsers say where the form came from."""
        return _saying_origin(super().login)(request, extra_context)

    def act_for(self, request: HttpRequest) -> HttpResponse:
        """Narrow the admin to one tenant, or widen it again."""
        return _act_for(request)

    def each_context(self, request: Any) -> dict[str, Any]:
        """Give every page the bar."""
        context = super().each_context(request)
        if self.has_permission(request):
            choices = tenant_choices(request)
            who = acting(request)
            chosen = who.chosen or (choices[0].pk if len(choices) == 1 else "")
            context["acting"] = who
            context["acting_choices"] = choices
            context["acting_tenant"] = next((t for t in choices if t.pk == chosen), None)
        return context

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the overview."""
        now = timezone.now()  # noqa: TID251 - the admin is an interface: it reads the clock
        panels = [function(acting(request), now) for _, function in self._panels]
        shown: Sequence[Panel] = [panel for panel in panels if panel is not None]
        return super().index(request, {**(extra_context or {}), "panels": shown})


def _saying_origin(view: Any) -> Any:
    """Send Referrer-Policy same-origin.

    Under the public pages' no-referrer browsers post forms with `Origin: null`, and the check
    against forged requests refuses them. No address of the admin is a secret.
    """

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = view(*args, **kwargs)
        response["Referrer-Policy"] = "same-origin"
        return response

    return answer


@require_POST
def _act_for(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("tenant", "")
    if chosen and chosen not in {tenant.pk for tenant in tenant_choices(request)}:
        raise Http404
    request.session[SESSION_KEY] = chosen
    # To the overview, not back: the page one came from may belong to the tenant one left.
    return HttpResponseRedirect(reverse("admin:index"))
