"""Who may read the metrics, and a small server for processes that have no web server."""

import hmac
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from django.conf import settings
from django.db import connections
from prometheus_client import CONTENT_TYPE_LATEST

from observability import collectors


def may_read(authorization: str) -> bool:
    """Say whether the Authorization header carries METRICS_TOKEN; without a token nobody may."""
    scheme, _, token = authorization.partition(" ")
    expected: str = settings.METRICS_TOKEN
    return (
        bool(expected)
        and scheme.lower() == "bearer"
        and hmac.compare_digest(token.strip().encode(), expected.encode())
    )


def serve(*, port: int, host: str = "0.0.0.0") -> ThreadingHTTPServer:  # noqa: S104 - Prometheus comes from another host, with the token
    """Serve /metrics from a thread of this process: a worker's parent, or the relay."""
    server = ThreadingHTTPServer((host, port), _Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self._answer(HTTPStatus.NOT_FOUND, b"")
        elif not may_read(self.headers.get("Authorization", "")):
            self._answer(HTTPStatus.UNAUTHORIZED, b"")
        else:
            try:
                self._answer(HTTPStatus.OK, collectors.exposition())
            finally:
                # This thread ends with the answer; a worker's children must not inherit its
                # connection.
                connections.close_all()

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        self.send_header("Content-Type", CONTENT_TYPE_LATEST)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Write no access log: it would repeat what the metrics say."""
