"""What a stolen key signed, and what of it our own record shows to be older than the theft.

The record of a document begins with the first generation of its signed form. Later generations
hold the same bytes under another key, so the first one decides for all of them: a key stolen
after everything was signed again under it takes nothing back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from certificates.models import Certificate, Securing, StatusList
from signing.models import SigningKey

# Certificates signed again in a second of one worker, with a good margin (benchmarks/resigning.py).
_RATE = 250

Thefts = Mapping[str, datetime]


@dataclass(frozen=True)
class Share:
    """How many certificates of one tenant a key signed before and after its theft."""

    tenant_id: str
    tenant: str
    before: int
    after: int


@dataclass(frozen=True)
class BlastRadius:
    """Everything under one key, were it stolen at `since`."""

    since: datetime
    shares: tuple[Share, ...]
    status_lists: int
    others: int
    oldest: datetime | None
    newest: datetime | None
    remaining: int

    @property
    def before(self) -> int:
        """How many certificates stay good."""
        return sum(share.before for share in self.shares)

    @property
    def after(self) -> int:
        """How many certificates become invalid."""
        return sum(share.after for share in self.shares)

    @property
    def duration(self) -> timedelta:
        """About how long signing again takes on one worker."""
        return timedelta(seconds=-(-self.remaining // _RATE))


def thefts(kids: Iterable[str] | None = None) -> Thefts:
    """Return since when keys are stolen, by thumbprint; only of those named, if any are."""
    stolen = SigningKey.objects.filter(state=SigningKey.State.COMPROMISED)
    if kids is not None:
        stolen = stolen.filter(thumbprint__in=kids)
    rows = stolen.values_list("thumbprint", "compromised_at")
    return {kid: since for kid, since in rows if since is not None}


def certificates_too_late(known: Thefts) -> QuerySet[Certificate]:
    """Return the certificates first recorded when their key was already stolen: invalid."""
    late = Securing.objects.filter(_too_late(known), generation=1)
    found: QuerySet[Certificate] = Certificate.objects.filter(pk__in=late.values("certificate"))
    return found


def signed_by(kid: str) -> QuerySet[Securing]:
    """Return every signed form of a certificate that a key made."""
    return Securing.objects.filter(kid=kid, form=Securing.Form.VC_JWT)


def holding(kid: str, known: Thefts) -> QuerySet[Securing]:
    """Return what a key signed of certificates recorded before any theft: it stays good."""
    first = Securing.objects.filter(
        certificate=OuterRef("certificate"),
        form=OuterRef("form"),
        subject=OuterRef("subject"),
        generation=1,
    )
    late = _too_late(known)
    return signed_by(kid).filter(
        Q(generation=1) & ~late | Q(generation__gt=1) & ~Exists(first.filter(late))
    )


def newest(rows: QuerySet[Securing]) -> QuerySet[Securing]:
    """Narrow to forms that were not signed again."""
    return rows.filter(~Exists(_later()))


def signed_again(kid: str) -> QuerySet[Securing]:
    """Return what a key signed and another key signed again."""
    return signed_by(kid).filter(Exists(_later()))


def signed_part(compact: str) -> str:
    """Return what a compact JWS signs beside its header: the document, as it is encoded."""
    return compact.partition(".")[2].partition(".")[0]


def by_tenant(rows: QuerySet[Securing]) -> dict[str, int]:
    """Count rows by their certificate's tenant."""
    counted = rows.order_by().values_list("certificate__tenant_id").annotate(Count("pk"))
    return dict(counted)


def blast_radius(key: SigningKey, *, since: datetime) -> BlastRadius:
    """Return what lies under a key, were it stolen at `since`. Reads only."""
    kid = key.thumbprint
    good = holding(kid, {**thefts(), kid: since})
    before, everything = by_tenant(good), by_tenant(signed_by(kid))
    names: dict[str, str] = dict(
        Certificate.objects.filter(tenant__in=everything)
        .order_by()
        .values_list("tenant_id", "tenant__name")
        .distinct()
    )
    ends: dict[str, Any] = signed_by(kid).aggregate(
        oldest=Min("created_at"), newest=Max("created_at")
    )
    return BlastRadius(
        since=since,
        shares=tuple(
            Share(one, names[one], before.get(one, 0), everything[one] - before.get(one, 0))
            for one in sorted(everything, key=lambda one: names[one])
        ),
        status_lists=StatusList.objects.filter(kid=kid).count(),
        others=Securing.objects.filter(kid=kid).exclude(form__in=Securing.Form.values).count(),
        remaining=newest(good).count(),
        **ends,
    )


def _too_late(known: Thefts) -> Q:
    late = Q(pk__in=[])
    for kid, since in known.items():
        late |= Q(kid=kid, created_at__gte=since)
    return late


def _later() -> QuerySet[Securing]:
    return Securing.objects.filter(
        certificate=OuterRef("certificate"),
        form=OuterRef("form"),
        subject=OuterRef("subject"),
        generation__gt=OuterRef("generation"),
    )
