"""Deliveries shuffled, repeated and at once: one certificate, one set of ids, and revoked wins."""

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from certificates import topics
from certificates.models import Certificate
from observability import audit
from outbox import relay
from outbox.models import OutboxMessage
from tests.certificates.api.calls import Platform as Caller
from tests.certificates.api.calls import completion
from tests.certificates.drawing import drawn_quickly
from tests.certificates.world import issuing_tenant
from tests.processes import kill_group, wait_until
from tests.reliability.platform import Platform
from tests.service import Answer, Service
from tests.tally import Tally

LONG = os.environ.get("FAULTS") == "long"
SEEDS = range(50 if LONG else 2)
LEARNERS, TIMES = 4 if LONG else 2, 3
AT_ONCE = 20
ROUNDS = 10 if LONG else 1
KINDS = ("plain", "revoked", "corrected")


@pytest.mark.django_db
class TestShuffledDeliveries:
    """Reports, withdrawals, corrections and messages, three times each, in any order."""

    @pytest.mark.parametrize("seed", SEEDS)
    def test_end_with_one_certificate_each(self, seed: int) -> None:
        tenant = issuing_tenant()
        caller, dice = Caller(tenant), random.Random(seed)
        events = [f"{kind}-{number}" for kind in KINDS for number in range(LEARNERS)]
        answers: dict[str, set[tuple[str, ...]]] = {event: set() for event in events}

        def report(event: str) -> None:
            answer = caller.post("completions", completion(event)).json()
            names = ("completion_id", "certificate_id", "verify_url", "status_url")
            answers[event].add(tuple(answer[name] for name in names))

        def ask(event: str) -> None:
            """Withdraw or correct, as the platform means to: once it knows the id."""
            if not answers[event]:
                report(event)
            path = f"certificates/{min(answers[event])[1]}"
            if event.startswith("revoked"):
                assert caller.post(f"{path}/revoke", {"reason": "fraud"}).status_code == 200
            if event.startswith("corrected"):
                body = {"recipient_name": "Ada King", "reason": "married"}
                assert caller.post(f"{path}/reissue", body).status_code in {201, 409}

        def deliver(_: str) -> None:
            """Run any message of those there are, whether or not it ran before."""
            messages = list(OutboxMessage.objects.values_list("task", "payload"))
            if messages:
                task, payload = dice.choice(messages)
                relay.task(task)(**payload)

        todo: list[Callable[[], None]] = [
            partial(act, event) for act in (report, ask, deliver) for event in events * TIMES
        ]
        dice.shuffle(todo)
        with drawn_quickly():
            for act in todo:
                act()
            for task, payload in OutboxMessage.objects.values_list("task", "payload"):
                relay.task(task)(**payload)

        assert {len(found) for found in answers.values()} == {1}
        states = {
            event: sorted(certificate["state"] for certificate in found)
            for event in events
            if (found := caller.get("certificates", event_id=event).json()["results"])
        }
        assert states == {
            event: {"revoked": ["revoked"], "corrected": ["issued", "superseded"]}.get(
                event.partition("-")[0], ["issued"]
            )
            for event in events
        }
        assert audit.verify_chain(tenant_id=tenant.pk) is None
        assert topics.ISSUE in set(OutboxMessage.objects.values_list("task", flat=True))
        assert Certificate.objects.count() == LEARNERS * (len(KINDS) + 1)


class TestAtOnce:
    """Real processes: two relays, and twenty requests at the same moment."""

    def test_one_event_is_one_certificate_and_a_withdrawal_wins(
        self, migrated_service: Service, told: Callable[[Tally], Tally]
    ) -> None:
        service = migrated_service
        made = json.loads(service.run("-m", "tests.reliability.world", "make"))
        platform = Platform(service, **made, writers=0)
        service.start()
        second = service.spawn("manage.py", "relay")
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for number in range(ROUNDS):
                    events = {kind: f"{kind}-{number}" for kind in KINDS}
                    for event in events.values():
                        taken = list(pool.map(platform.send, [event] * AT_ONCE))
                        assert Counter(one.status for one in taken) == {202: 1, 200: AT_ONCE - 1}
                        assert len({_ids(one) for one in taken}) == 1
                        self.ask_at_once(pool, platform, event)
                    wait_until(
                        partial(_all_as_meant, platform, list(events.values())),
                        what="all stands as it was meant",
                    )
        finally:
            kill_group(second)
        found = json.loads(service.run("-m", "tests.reliability.world", "inspect"))
        certificates = found["certificates_by_event"]
        # A correction is a second certificate, which supersedes the first.
        meant = {event: 1 + event.startswith("corrected") for event in platform.sent}
        once = {event: number - meant[event] + 1 for event, number in certificates.items()}
        tally = told(platform.tally(once))
        assert (tally.lost, tally.duplicate, certificates) == (0, 0, meant)

    def ask_at_once(self, pool: ThreadPoolExecutor, platform: Platform, event: str) -> None:
        """Withdraw or correct from several sides, while both relays may be issuing."""
        path = f"/api/v1/certificates/{platform.acknowledged[event]['certificate_id']}"
        body: dict[str, Any] = {"reason": "fraud"}
        if event.startswith("revoked"):
            answers = list(pool.map(platform.post, [f"{path}/revoke"] * 5, [body] * 5))
            assert {answer.status for answer in answers} == {200}
        if event.startswith("corrected"):
            answers = list(pool.map(platform.post, [f"{path}/reissue"] * 5, [body] * 5))
            assert Counter(answer.status for answer in answers) == {201: 1, 409: 4}


def _ids(answer: Answer) -> tuple[str, ...]:
    found = answer.json()
    return tuple(found[name] for name in ("completion_id", "certificate_id", "verify_url"))


def _all_as_meant(platform: Platform, events: list[str]) -> bool:
    meant = {"plain": "issued", "revoked": "revoked", "corrected": "revoked"}
    return all(
        platform.get(urlsplit(platform.acknowledged[event]["verify_url"]).path)["result"]
        == meant[event.partition("-")[0]]
        for event in events
    )
