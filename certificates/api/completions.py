"""POST and GET /api/v1/completions."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from certificates import intake
from certificates.api import answers, schemas
from certificates.api.bodies import (
    POINTERS,
    completion_body,
    draft_of,
    field_errors,
    receipt_body,
)
from certificates.api.refusals import Refusal, conflict, too_many, unprocessable
from certificates.completion import ReportedCompletion, check_completion
from certificates.intake import Outcome, Receipt
from certificates.queries import completions_of
from tenants.authentication import key_of
from tenants.models import Tenant

MAX_ITEMS = 1000


class Completions(APIView):
    """Report completions."""

    required_scopes = {"POST": "completions:write"}

    @extend_schema(
        operation_id="report_completions",
        request={"application/json": schemas.COMPLETIONS},
        responses={
            202: answers.RECEIPT,
            200: answers.RECEIPT,
            207: answers.RECEIPTS,
            **answers.refusals(400, 409, 413, 415, 422),
        },
    )
    def post(self, request: Request) -> Response:
        """Accept one completion, or an array: the good ones, whatever the bad ones are."""
        body = request.data
        tenant = key_of(request).tenant
        if isinstance(body, list):
            return self._many(tenant, body)
        (answer,) = _take(tenant, [body])
        if isinstance(answer, Refusal):
            raise answer
        status = 200 if answer.outcome == Outcome.DUPLICATE else 202
        return Response(receipt_body(answer), status=status)

    def _many(self, tenant: Tenant, items: list[Any]) -> Response:
        if not items:
            raise unprocessable([{"pointer": "", "detail": "the array is empty"}])
        if len(items) > MAX_ITEMS:
            raise too_many(len(items), MAX_ITEMS)
        results = []
        for index, answer in enumerate(_take(tenant, items)):
            item = items[index]
            event_id = item.get("event_id") if isinstance(item, dict) else None
            result: dict[str, Any] = {"index": index, "event_id": event_id}
            if isinstance(answer, Refusal):
                result |= {"status": answer.status_code, "problem": answer.body()}
            else:
                status = 200 if answer.outcome == Outcome.DUPLICATE else 202
                result |= {"status": status, **receipt_body(answer)}
            results.append(result)
        return Response({"results": results}, status=207)


class CompletionDetail(APIView):
    """Where one completion stands."""

    required_scopes = {"GET": "completions:write"}

    @extend_schema(
        operation_id="read_completion", responses={200: answers.COMPLETION, **answers.refusals(404)}
    )
    def get(self, request: Request, completion_id: UUID) -> Response:
        """Return where a completion stands and why."""
        completion = completions_of(key_of(request).tenant).filter(pk=completion_id).first()
        if completion is None:
            raise NotFound("This tenant has no completion with that id.")
        return Response(completion_body(completion))


def _take(tenant: Tenant, items: list[Any]) -> list[Receipt | Refusal]:
    """Check each item, hand the good ones in together, and answer all in their order."""
    now = timezone.now()
    answers: list[Receipt | Refusal | None] = [None] * len(items)
    good: dict[int, ReportedCompletion] = {}
    for index, item in enumerate(items):
        errors = schemas.problems("completion", item)
        if errors:
            answers[index] = unprocessable(errors)
            continue
        report, problems = check_completion(draft_of(item), now=now)
        if report is None:
            answers[index] = unprocessable(field_errors(problems))
        else:
            good[index] = report
    receipts = intake.accept(tenant=tenant, reports=list(good.values()), source="api", now=now)
    for index, receipt in zip(good, receipts, strict=True):
        answers[index] = _answer(receipt)
    return [answer for answer in answers if answer is not None]


def _answer(receipt: Receipt) -> Receipt | Refusal:
    if receipt.outcome == Outcome.CONFLICT:
        return conflict(
            "This event id was reported before with other content; the first report stands.",
            pointer=POINTERS["event_id"],
        )
    if receipt.outcome == Outcome.REFUSED:
        return unprocessable(field_errors(list(receipt.problems)))
    return receipt
