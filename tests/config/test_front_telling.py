"""An answer from memory is counted, timed and logged as Django's answers are."""

from collections.abc import Callable

from config.front import assembly
from config.front.telling import Ledger
from observability.batches import Finished


def ledger_of(record: Callable[[list[Finished]], None]) -> Ledger[Finished]:
    ledger = Ledger(record)
    kind, _ = assembly._kinds("jwks", ".well-known/jwks.json")["GET"]
    ledger.tell((kind, "id", 1.0, 0.001))
    return ledger


class TestLedger:
    def test_tells_each_answer_once(self) -> None:
        told: list[Finished] = []
        ledger = ledger_of(told.extend)
        ledger.write()
        ledger.write()
        assert [request_id for _, request_id, _, _ in told] == ["id"]

    def test_survives_that_nobody_listens(self) -> None:
        def broken(_requests: object) -> None:
            raise OSError("no space left on device")

        ledger = ledger_of(broken)
        ledger.write()
        assert not ledger._waiting
