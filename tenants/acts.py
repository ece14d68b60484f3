"""Acts: buttons of one row, each leading to a page with a form and its effect in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from tenants.acting import acting
from tenants.roles import Right

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    _Base = ModelAdmin[Any]
else:
    _Base = object


class ActRefused(Exception):
    """The act cannot be done; the message says why, to the person who asked."""


@dataclass(frozen=True)
class Act:
    """One act. The admin class answers it in `perform_<name>(request, obj, data) -> str`."""

    name: str
    label: str
    right: Right
    effect: str
    form: type[forms.BaseForm] = forms.Form
    is_final: bool = False


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what was sent, were it nothing at all; None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


class ActPages(_Base):
    """Gives an admin class the pages of its acts."""

    tenant_path: ClassVar[str] = "tenant_id"
    acts: ClassVar[Sequence[Act]] = ()

    def act_applies(self, act: Act, obj: Any) -> bool:  # noqa: ARG002 - for subclasses
        """Say whether the act makes sense for the row as it stands."""
        return True

    def act_initial(self, act: Act, obj: Any) -> dict[str, Any]:  # noqa: ARG002
        """Return what the act's form starts with."""
        return {}

    def act_effect(self, act: Act, obj: Any) -> str:  # noqa: ARG002 - for subclasses
        """Return what the act will do to the row, in words."""
        return act.effect

    def get_urls(self) -> list[URLPattern]:
        """Put the pages of acts before plain admin's catch-all."""
        pages = [
            path(
                f"<path:object_id>/{act.name}/",
                self.admin_site.admin_view(partial(self.act_view, act=act)),
                name=self._act_url_name(act),
            )
            for act in self.acts
        ]
        return [*pages, *super().get_urls()]

    def act_view(self, request: HttpRequest, object_id: str, *, act: Act) -> HttpResponseBase:
        """Show the act's page, or do it."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.may(request, act.right, obj):
            raise PermissionDenied
        if not self.act_applies(act, obj):
            messages.info(request, "There is nothing to do: this was done before.")
            return HttpResponseRedirect(self.change_url(obj))
        form: Any = act.form(posted(request), initial=self.act_initial(act, obj))
        if form.is_valid():
            try:
                with transaction.atomic():
                    done = getattr(self, f"perform_{act.name}")(request, obj, form.cleaned_data)
                    self.log_change(request, obj, f"{act.label}.")
            except ActRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, done)
                return HttpResponseRedirect(self.change_url(obj))
        return self.form_page(
            request,
            form,
            title=act.label,
            effect=self.act_effect(act, obj),
            is_final=act.is_final,
            obj=obj,
        )

    def form_page(
        self,
        request: HttpRequest,
        form: Any,
        *,
        title: str,
        effect: str,
        submit: str = "",
        is_final: bool = False,
        obj: Any = None,
    ) -> TemplateResponse:
        """Return a page with one form, what it will do, and a way back."""
        opts = self.opts
        back = f"admin:{opts.app_label}_{opts.model_name}_changelist"
        context = {
            **self.admin_site.each_context(request),
            "opts": opts,
            "form": form,
            "title": title,
            "effect": effect,
            "submit": submit or title,
            "is_final": is_final,
            "original": obj,
            "back_url": self.change_url(obj) if obj is not None else reverse(back),
        }
        return TemplateResponse(request, "admin/form_page.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Give the row's page its buttons."""
        obj = kwargs.get("obj")
        context["acts"] = [
            (act, reverse(f"admin:{self._act_url_name(act)}", args=[obj.pk]))
            for act in self.acts
            if obj is not None and self.may(request, act.right, obj) and self.act_applies(act, obj)
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def change_url(self, obj: Any) -> str:
        """Return the address of a row's page."""
        opts = self.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[obj.pk])

    def may(self, request: HttpRequest, right: Right | None, obj: Any = None) -> bool:
        """Say whether the person has a right, in a row's tenant or at all."""
        if right is None:
            return False
        if obj is None:
            return acting(request).may_somewhere(right)
        return acting(request).may(right, self.tenant_id_of(obj))

    def tenant_id_of(self, obj: Any) -> str | None:
        """Return the id of the tenant a row belongs to."""
        return attrgetter(self.tenant_path.replace("__", "."))(obj)  # type: ignore[no-any-return]

    def _act_url_name(self, act: Act) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{act.name}"
