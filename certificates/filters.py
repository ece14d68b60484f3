"""Filters of the operators' lists."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from certificates import theft
from certificates.models import Certificate

_STATE = Certificate.State


class FilesFilter(admin.ChoicesFieldListFilter):
    """By where the making of the files stands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "files"


class TrustFilter(admin.SimpleListFilter):
    """By whether the key was still safe when a certificate was recorded."""

    title = "trust"
    parameter_name = "trust"

    def lookups(
        self,
        request: HttpRequest,  # noqa: ARG002
        model_admin: Any,  # noqa: ARG002
    ) -> list[tuple[str, str]]:
        """Return the one thing that takes trust away."""
        return [("stolen", "recorded after its key was stolen")]

    def queryset(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Any],
    ) -> QuerySet[Any]:
        """Narrow to certificates that are invalid, so that those earned can be issued again."""
        if self.value() != "stolen":
            return queryset
        return queryset.filter(pk__in=theft.certificates_too_late(theft.thefts()).values("pk"))


class StateFilter(admin.SimpleListFilter):
    """By where a certificate stands now."""

    title = "state"
    parameter_name = "state"

    def lookups(
        self,
        request: HttpRequest,  # noqa: ARG002
        model_admin: Any,  # noqa: ARG002
    ) -> list[tuple[str, str]]:
        """Return the four states."""
        return [(state.value, state.label) for state in _STATE]

    def queryset(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Any],
    ) -> QuerySet[Any]:
        """Narrow to one state."""
        chosen = self.value()
        if chosen not in _STATE.values:
            return queryset
        now = timezone.now()  # noqa: TID251 - part of the admin, which reads the clock
        narrowed: QuerySet[Any] = queryset.in_state(_STATE(chosen), now=now)  # type: ignore[attr-defined]
        return narrowed
