"""Events: only what the catalogue names, one line each."""

import pytest
from structlog.testing import capture_logs

from observability.events import Event, emit


class TestEmit:
    def test_writes_the_name_the_tenant_and_the_attributes(self) -> None:
        with capture_logs() as lines:
            emit(Event.RENDER_COMPLETED, tenant_id="t1", certificate_id="c1", format="pdf")
        assert lines == [
            {
                "event": "certification.render.completed",
                "log_level": "info",
                "tenant_id": "t1",
                "certificate_id": "c1",
                "format": "pdf",
            }
        ]

    def test_marks_what_is_audited(self) -> None:
        with capture_logs() as lines:
            emit(Event.KID_ROTATED, kid="k2", previous_kid="k1")
        assert lines[0]["audit"] is True

    def test_refuses_an_attribute_the_catalogue_does_not_name(self) -> None:
        with pytest.raises(ValueError, match="has no attribute recipient_name"):
            emit(Event.CERTIFICATE_ISSUED, recipient_name="x")
