"""TenantScopedAdmin: operators see, pick and change only their own tenant's rows."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst

from tenants.acting import acting
from tenants.acts import ActPages
from tenants.models import Tenant
from tenants.plain_text import refuse_controls
from tenants.roles import Right

if TYPE_CHECKING:  # generic for the type checker only
    _ModelAdmin = admin.ModelAdmin[Any]
    _ModelForm = forms.ModelForm[Any]
    _Paginator = Paginator[Any]
else:
    _ModelAdmin = admin.ModelAdmin
    _ModelForm = forms.ModelForm
    _Paginator = Paginator

_SEARCH_LIMIT = 500
_YEAR = re.compile("[1-9][0-9]{3}", re.ASCII)


class ShortPaginator(_Paginator):
    """Counts no further than anybody turns pages: counting a million rows takes a second."""

    LONGEST = 5_000

    @cached_property
    def count(self) -> int:
        """Return the number of rows, or LONGEST where there are more."""
        rows: Any = self.object_list
        return int(rows.order_by()[: self.LONGEST].count())


class ScopedForm(_ModelForm):
    """Refuses to join rows of two tenants, whoever is signed in."""

    def clean(self) -> dict[str, Any]:
        """Compare the tenant of every chosen row with the row's own."""
        cleaned = super().clean() or self.cleaned_data
        refuse_controls(self)
        tenant = cleaned.get("tenant")
        tenant_id = tenant.pk if tenant else getattr(self.instance, "tenant_id", None)
        for name, value in list(cleaned.items()):
            chosen = value if isinstance(value, models.QuerySet) else [value]
            if any(tenant_id != getattr(row, "tenant_id", tenant_id) for row in chosen):
                self.add_error(name, "This belongs to another organisation.")
        return cleaned


class ScopedRelatedFilter(admin.RelatedFieldListFilter):
    """A filter by related row that offers only rows the person may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        """Return the choices from the related admin's own scoped rows."""
        rows = model_admin.rows_of(field.remote_field.model, request)
        return [(str(row.pk), str(row)) for row in rows]


class TenantScopedAdmin(ActPages, _ModelAdmin):
    """The one base of every admin class. What a subclass does not allow is refused.

    `tenant_path` leads from a row to its tenant's id. A right of None is nobody's, not even a
    superuser's: so append-only rows stay as they are.
    """

    view_right: ClassVar[Right] = Right.VIEW
    add_right: ClassVar[Right | None] = None
    change_right: ClassVar[Right | None] = None
    delete_right: ClassVar[Right | None] = None
    empty_sentence: ClassVar[str] = "Nothing here yet."
    related_filters: ClassVar[Sequence[str]] = ()

    form = ScopedForm
    list_select_related: ClassVar[tuple[str, ...]] = ()
    list_per_page = 50
    paginator = ShortPaginator
    show_full_result_count = False
    view_on_site = False  # its address would reach any row of any tenant
    formfield_overrides: ClassVar[Any] = {
        models.URLField: {"assume_scheme": "https"},
        # One labelled field; the split one of plain admin has halves without labels.
        models.DateTimeField: {
            "form_class": forms.DateTimeField,
            "widget": forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            ),
        },
    }

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Call a list by its name."""
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse years that no calendar has: the database layer would fail on them."""
        if "__year" in lookup and not _YEAR.fullmatch(str(value)):
            return False
        return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return the rows of the tenants this person may see."""
        return self.scoped(
            super().get_queryset(request), acting(request).tenant_ids(self.view_right)
        )

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Narrow a list to what was typed, up to what a database takes as a pattern."""
        text = search_term.strip()[:_SEARCH_LIMIT]
        found = self.find(queryset, text) if text else None
        if found is not None:
            return found, False
        return super().get_search_results(request, queryset, text)

    def find(
        self,
        rows: models.QuerySet[Any],  # noqa: ARG002 - for subclasses
        text: str,  # noqa: ARG002
    ) -> models.QuerySet[Any] | None:
        """Return the rows a text means; None lets plain admin look into `search_fields`."""
        return None

    def scoped(
        self, queryset: models.QuerySet[Any], tenant_ids: frozenset[str] | None
    ) -> models.QuerySet[Any]:
        """Narrow rows to tenants; None is every tenant."""
        if tenant_ids is None:
            return queryset
        return queryset.filter(**{f"{self.tenant_path}__in": tenant_ids})

    def with_right(
        self, request: HttpRequest, queryset: models.QuerySet[Any], right: Right
    ) -> models.QuerySet[Any]:
        """Narrow the rows of an action to tenants where the person's role carries a right."""
        return self.scoped(queryset, acting(request).tenant_ids(right))

    def rows_of(self, model: type[models.Model], request: HttpRequest) -> models.QuerySet[Any]:
        """Return the rows of another model that this person may pick."""
        related = self.admin_site.get_model_admin(model)
        if not isinstance(related, TenantScopedAdmin):
            raise ImproperlyConfigured(f"{model.__name__} is not scoped, so it cannot be picked")
        return related.get_queryset(request)

    def get_field_queryset(
        self,
        db: str | None,  # noqa: ARG002 - plain admin's signature
        db_field: Any,
        request: HttpRequest,
    ) -> models.QuerySet[Any]:
        """Offer scoped rows only; of tenants, those where the person may add rows."""
        model = db_field.remote_field.model
        return self.addable_tenants(request) if model is Tenant else self.rows_of(model, request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Hide the question for the tenant from whoever has only one."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.remote_field.model is Tenant:
            tenants = list(self.addable_tenants(request)[:2])
            if len(tenants) == 1:
                field.initial, field.widget = tenants[0].pk, forms.HiddenInput()
        return field

    def addable_tenants(self, request: HttpRequest) -> models.QuerySet[Tenant]:
        """Return the tenants in which this person may add a row."""
        tenant_ids = acting(request).tenant_ids(self.add_right or self.view_right)
        tenants = Tenant.objects.order_by("name")
        return tenants if tenant_ids is None else tenants.filter(pk__in=tenant_ids)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Say whose row it is where rows of several tenants stand together."""
        shown = list(super().get_list_display(request))
        several = len(acting(request).roles) > 1 or acting(request).is_superuser
        if self._has_tenant_field() and several and not acting(request).chosen:
            shown.append("tenant")
        return shown

    def get_list_select_related(
        self,
        request: HttpRequest,  # noqa: ARG002 - plain admin's signature
    ) -> list[str]:
        """Fetch the tenant along with the row."""
        own = ["tenant"] if self._has_tenant_field() else []
        return [*self.list_select_related, *own]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Add the related filters, scoped."""
        plain = list(super().get_list_filter(request))
        return [*plain, *((name, ScopedRelatedFilter) for name in self.related_filters)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Fix the tenant: a row never moves to another one."""
        fixed = ["tenant"] if obj is not None and self._has_tenant_field() else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Name the tenant first where there is a choice of it."""
        fields = [name for name in super().get_fields(request, obj) if name != "tenant"]
        shown = obj is None or acting(request).tenant_ids(self.view_right) is None
        return ["tenant", *fields] if shown and self._has_tenant_field() else fields

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Rows are deleted one by one on a page that says what it means, or not at all."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Stamp the times that rows carry."""
        now = timezone.now()  # noqa: TID251 - the admin is an interface: it reads the clock
        if not change and hasattr(obj, "created_at"):
            obj.created_at = now
        if hasattr(obj, "updated_at"):
            obj.updated_at = now
        super().save_model(request, obj, form, change)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the screen to whoever may see a row of it somewhere."""
        return self.may(request, self.view_right)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the role in the row's tenant."""
        return self.may(request, self.view_right, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask the role."""
        return self.may(request, self.add_right)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the role in the row's tenant."""
        return self.may(request, self.change_right, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask the role in the row's tenant."""
        return self.may(request, self.delete_right, obj)

    def _has_tenant_field(self) -> bool:
        return any(field.name == "tenant" and field.is_relation for field in self.opts.fields)
