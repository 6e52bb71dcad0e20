"""Threading: each message stands in the answer once, whatever it refers to, and quickly."""

import re
from array import array

from hypothesis import given
from hypothesis import strategies as st

from odmail.imap.forest import Letter
from odmail.imap.threads import ALGORITHMS, woven

NAMES = st.sampled_from(["", "a", "b", "c", "d", "e", "f"])
LETTERS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["", "x", "y"]), NAMES, st.lists(NAMES, max_size=4), st.booleans()),
    max_size=12,
)


def answer(algorithm: str, letters: list[Letter]) -> str:
    made = woven(array("I"), ALGORITHMS[algorithm.encode()].gather(letters))
    return made.written(made.order).decode()


@given(LETTERS, st.sampled_from(["REFERENCES", "ORDEREDSUBJECT"]))
def test_each_message_once(drawn: list, algorithm: str) -> None:
    """No message is lost, doubled or left in a ring, and the parentheses match."""
    letters = [
        Letter(uid, sent, subject, name, tuple(filter(None, references)), reply)
        for uid, (sent, subject, name, references, reply) in enumerate(drawn, 1)
    ]
    text = answer(algorithm, letters)
    assert sorted(map(int, re.findall(r"\d+", text))) == [one.uid for one in letters]
    bare = re.sub(r"[\d ]", "", text.removeprefix("* THREAD").strip())
    while "()" in bare:
        bare = bare.replace("()", "")
    assert bare == ""
    assert not re.search(r"\(\)|\( | \)|  ", text)


def test_a_chain_as_long_as_the_mailbox() -> None:
    """Five thousand replies to replies are one line."""
    letters = [Letter(n, n, "x", str(n), (str(n - 1),) if n > 1 else ()) for n in range(1, 5001)]
    assert answer("REFERENCES", letters) == f"* THREAD ({' '.join(str(n) for n in range(1, 5001))})\r\n"


def test_lost_parents_cost_no_square() -> None:
    """Many replies to messages that are elsewhere stay alone."""
    letters = [Letter(n, n, f"s{n}", str(n), (f"lost{n}",)) for n in range(1, 50_001)]
    assert answer("REFERENCES", letters).count("(") == 50_000
