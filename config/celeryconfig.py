"""Celery's settings: JSON only, nothing acknowledged before it is done."""

from django.conf import settings
from kombu import Exchange, Queue

from certificates.topics import (
    ISSUE_BULK,
    RENDER,
    RENDER_BULK,
    RENDER_HELD,
    RERENDER,
    RESIGN,
    RESIGN_LOOK,
)
from domains import topics as domain_topics
from mail import topics as mail_topics
from outbox import policy, topics
from signing import topics as signing_topics
from verification import topics as verification_topics

broker_url = settings.CELERY_BROKER_URL or None
broker_connection_retry_on_startup = True
broker_transport_options = {
    # RabbitMQ: a message counts as sent when the broker has confirmed it.
    "confirm_publish": True,
    # Redis: how soon the messages of a killed worker go to another.
    "visibility_timeout": policy.LEASE.total_seconds(),
}
# Two workers of one host may bear one name, and a restarted one comes while RabbitMQ still sees the
# connection of its killed self: an exclusive control queue would turn either away, with status 1.
control_queue_exclusive = False
control_queue_durable = True
task_serializer = "json"
result_serializer = "json"
accept_content = ["json"]
result_accept_content = ["json"]
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
task_time_limit = 120
task_soft_time_limit = 90
# A worker without -Q serves all of them. Apart: what people wait for (issue), imports (bulk), files
# (render), letters (mail), the clock's work (maintenance), and signing again after the theft of a
# key (resign), so that neither new certificates nor the rotation of keys wait behind old ones.
# Each with an exchange of its own: left out, all would hang on the default one, and every message
# would be in each.
task_queues = [
    Queue(name, Exchange(name), routing_key=name)
    for name in ("issue", "bulk", "render", "webhooks", "mail", "maintenance", "resign")
]
task_default_queue = "issue"
task_routes = {
    ISSUE_BULK: {"queue": "bulk"},
    RENDER: {"queue": "render"},
    RENDER_BULK: {"queue": "render"},
    RERENDER: {"queue": "render"},
    RESIGN: {"queue": "resign"},
    RESIGN_LOOK: {"queue": "resign"},
    mail_topics.SEND: {"queue": "mail"},
    **{
        name: {"queue": "maintenance"}
        for name in (
            *(topics.SWEEP, topics.PURGE, signing_topics.ROTATE, RENDER_HELD),
            *(domain_topics.LOOK, domain_topics.CHECK),
            verification_topics.TIDY,
        )
    },
}
worker_prefetch_multiplier = 1
worker_hijack_root_logger = False
worker_redirect_stdouts = False
timezone = "UTC"
enable_utc = True

# Without a file: several beats may run, and none sends what another has sent.
beat_scheduler = "outbox.clock:Clock"
# Seconds between runs. Beat sends these; without a broker the relay runs them itself.
beat_schedule = {
    topics.SWEEP: {"task": topics.SWEEP, "schedule": 60.0},
    topics.PURGE: {"task": topics.PURGE, "schedule": 6 * 60 * 60.0},
    # Two queries when nothing is due; a key that was asked for signs within a minute of its time.
    signing_topics.ROTATE: {"task": signing_topics.ROTATE, "schedule": 60.0},
    RENDER_HELD: {"task": RENDER_HELD, "schedule": 5 * 60.0},
    # One query when nothing is due; each domain about once a day.
    domain_topics.LOOK: {"task": domain_topics.LOOK, "schedule": 5 * 60.0},
    verification_topics.TIDY: {"task": verification_topics.TIDY, "schedule": 60 * 60.0},
}
