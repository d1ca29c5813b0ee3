"""Where the cursor is is told when it was asked, and is never a key."""

from threading import Thread

from vpsbackup_tui.ui.terminal.reports import Asking


class Asked(Asking):
    """Keeps what was sent and what was answered."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.taken: list[list[int]] = []

    def write(self, data: str) -> None:
        self.sent.append(data)


def asked(line: int = 23, answers: int = 3) -> Asked:
    driver = Asked()
    driver.ask("?", line=line, answers=answers, take=driver.taken.append)
    assert driver.sent == ["?"]
    return driver


def test_all_answers_are_taken_in_their_order_once() -> None:
    driver = asked()
    for column in (2, 4, 1, 7, 7, 7):
        driver.take_report(column, 23)
    assert driver.taken == [[2, 4, 1]]


def test_a_report_of_another_line_is_no_answer() -> None:
    driver = asked(answers=2)
    for line, column in ((0, 1), (23, 2), (0, 4), (22, 5), (10**9, 6), (23, 3)):
        driver.take_report(column, line)
    assert driver.taken == [[2, 3]]


def test_what_nobody_asked_for_is_nothing() -> None:
    driver = Asked()
    driver.take_report(1, 23)
    assert driver.taken == []


def test_an_end_waits_for_no_more_than_what_was_asked() -> None:
    Asked().wait_for_answers(1.0)
    driver = asked(answers=1)
    driver.take_report(5, 23)
    driver.wait_for_answers(1.0)
    assert driver.taken == [[5]]


def test_an_end_waits_for_answers_that_are_on_their_way() -> None:
    driver = asked(answers=1)
    question = driver._question
    assert question is not None
    question.asked_at += 60
    waiting = Thread(target=driver.wait_for_answers, args=(1.0,))
    waiting.start()
    driver.take_report(5, 23)
    waiting.join(30)
    assert not waiting.is_alive()


def test_after_the_wait_nothing_is_expected() -> None:
    driver = asked()
    question = driver._question
    assert question is not None
    question.asked_at -= 60
    driver.wait_for_answers(1.0)
    for _ in range(3):
        driver.take_report(2, 23)
    assert driver.taken == []
