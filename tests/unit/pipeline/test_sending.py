"""Lines go out in order of the log, by two senders, with patience for what passes and none for what does not."""

import threading

import pytest

from helios_desktop.index.engine_bulk import BulkOutcome, Refusal
from helios_desktop.index.engine_errors import EngineError, EngineFault
from helios_desktop.pipeline import sending
from helios_desktop.pipeline.jobs import CancelledError, CancelToken
from helios_desktop.pipeline.sending import Patience, Sending

QUICK = Patience(first_seconds=0.001, longest_seconds=0.002, tries=4)


def busy():
    return EngineError(EngineFault.BUSY, "busy", "wait")


class Receiver:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.got = []
        self.lock = threading.Lock()

    def __call__(self, lines):
        with self.lock:
            self.got.append(list(lines))
            answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer or BulkOutcome(done=len(lines))


def sent(receiver, *batches, token=None, patience=QUICK):
    done = []
    with Sending(receiver, patience, token or CancelToken(), lambda sequence, _: done.append(sequence)) as out:
        for sequence, lines in enumerate(batches, start=1):
            out.put(lines, sequence)
        out.finish()
    return done, out


def test_the_cursor_follows_the_order_of_the_log():
    receiver = Receiver()
    done, _ = sent(receiver, *([b"%d" % number] for number in range(30)))
    assert done == list(range(1, 31))
    assert sorted(line for lines in receiver.got for line in lines) == sorted(b"%d" % number for number in range(30))


def test_a_batch_without_lines_moves_the_cursor_too():
    assert sent(Receiver(), [b"a"], [], [b"b"])[0] == [1, 2, 3]


def test_requests_are_cut_by_bytes(monkeypatch):
    monkeypatch.setattr(sending, "BATCH_BYTES", 10)
    receiver = Receiver()
    assert sent(receiver, [b"x" * 4] * 5 + [b"y" * 50])[0] == [1]
    assert sorted(map(len, receiver.got)) == [1, 1, 2, 2]


def test_only_the_documents_that_failed_are_sent_again():
    receiver = Receiver(BulkOutcome(done=1, again=[1], fault=busy()), BulkOutcome(done=1))
    sent(receiver, [b"a", b"b"])
    assert receiver.got == [[b"a", b"b"], [b"b"]]


def test_what_passes_is_tried_so_often_and_then_raised():
    receiver = Receiver(*[busy()] * 10)
    with pytest.raises(EngineError):
        sent(receiver, [b"a"])
    assert len(receiver.got) == QUICK.tries


def test_what_gets_on_gets_its_patience_anew():
    outcomes = [BulkOutcome(done=1, again=list(range(9 - turn)), fault=busy()) for turn in range(9)]
    receiver = Receiver(*outcomes)
    assert sent(receiver, [b"%d" % number for number in range(10)])[0] == [1]


@pytest.mark.parametrize(
    "fault", [EngineFault.CREDENTIALS, EngineFault.CERTIFICATE, EngineFault.DISK_FULL, EngineFault.REFUSED]
)
def test_what_does_not_pass_is_raised_at_once_and_the_cursor_stays(fault):
    receiver = Receiver(EngineError(fault, "no", "do"))
    done = []
    with pytest.raises(EngineError) as caught, Sending(receiver, QUICK, CancelToken(), lambda *a: done.append(a)) as out:
        out.put([b"a"], 1)
        out.finish()
    assert (caught.value.fault, len(receiver.got), done) == (fault, 1, [])


def test_refused_documents_are_counted_and_the_rest_is_done():
    receiver = Receiver(BulkOutcome(done=1, refused=[Refusal(document_id="1", reason="bad")]))
    done, out = sent(receiver, [b"a", b"b"])
    assert (done, [one.document_id for one in out.refused]) == ([1], ["1"])


def test_cancelling_ends_a_wait():
    token = CancelToken()
    receiver = Receiver(*[busy()] * 1000)
    slow = Patience(first_seconds=30.0, longest_seconds=30.0, tries=1000)
    timer = threading.Timer(0.05, token.cancel)
    timer.start()
    with pytest.raises(CancelledError):
        sent(receiver, [b"a"], token=token, patience=slow)
    timer.join()


def test_waits_grow_and_differ():
    patience = Patience(first_seconds=1.0, longest_seconds=8.0)
    waits = [[patience.wait_before(attempt) for _ in range(50)] for attempt in (1, 2, 3, 9)]
    assert all(longest / 2 <= wait <= longest for row, longest in zip(waits, (1, 2, 4, 8), strict=True) for wait in row)
    assert len(set(waits[0])) > 10
