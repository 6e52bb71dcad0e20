"""A32: whatever a script or a message does, it costs a bounded time, and at worst the message is kept."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from odmail.message.parse import parse
from odmail.sieve import limits
from odmail.sieve.actions import Filing, Outcome
from odmail.sieve.compiler import compile_script
from odmail.sieve.interpreter import Script, interpret
from odmail.sieve.mail import Mail
from odmail.sieve.model import ScriptError
from odtest.sieve import World

LETTER = b"Subject: x\r\n\r\ntext\r\n"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Of processor time, so that a busy machine changes nothing."""
    began = time.thread_time()
    yield
    assert time.thread_time() - began < seconds


def run(script: str, octets: bytes = LETTER, world: World | None = None) -> Outcome:
    world = world or World()
    return interpret([Script("test", compile_script(script))], Mail(octets, parse(octets).part), world.envelope, world)


@pytest.mark.parametrize(
    "script",
    [
        "if true {" * 33 + "}" * 33,
        "if true {" * 50_000,
        "if " + "not " * 33 + "true { keep; }",
        "if " + "not " * 100_000 + "true { keep; }",
        "if " + "anyof(" * 100_000,
        "keep " + "[" * 100_000,
    ],
    ids=["blocks", "blocks without end", "nots", "many nots", "parentheses", "brackets"],
)
def test_deep_nesting_is_refused(script: str) -> None:
    """Nesting beyond 32 is an error with a place, found at once."""
    with within(1.0), pytest.raises(ScriptError):
        compile_script(script)


def test_nesting_up_to_the_limit_works() -> None:
    """32 blocks in each other are fine."""
    assert run("if true {" * 32 + "discard;" + "}" * 32).keep is None


def test_a_script_too_large_is_refused() -> None:
    """One octet above 1 MiB."""
    with pytest.raises(ScriptError, match="larger than 1048576 octets"):
        compile_script("#" * (limits.SCRIPT + 1))


def test_as_many_tests_as_fit() -> None:
    """A script of nothing but tests compiles and runs in a bounded time."""
    tests = ",".join(["false"] * 170_000)
    with within(15.0):
        assert run(f"if anyof({tests}) {{ discard; }}").keep == Filing()


def test_a_million_steps_are_too_many() -> None:
    """Parts times tests: the run ends with an error, and the message is kept."""
    parts = b"".join(b"--b\r\n\r\nx\r\n" for _ in range(10_000))
    octets = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n"
    tests = ",".join(["false"] * 1_000)
    with within(20.0):
        outcome = run(f'require "foreverypart"; foreverypart {{ if anyof({tests}) {{ stop; }} }}', octets)
    assert outcome.error == "the script did more than 1000000 steps"
    assert outcome.keep == Filing()


def test_foreverypart_over_ten_thousand_parts() -> None:
    """A test of all parts in a loop over all parts ends in time."""
    parts = b"".join(b"--b\r\n\r\nx\r\n" for _ in range(10_000))
    octets = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n"
    script = (
        'require ["foreverypart", "mime", "variables"];'
        'foreverypart { if header :mime :anychild :contains "X" "y" { stop; } set "a" "${a}z"; }'
    )
    with within(20.0):
        outcome = run(script, octets)
    assert outcome.keep == Filing()


@pytest.mark.parametrize("match", ["matches", "regex"])
@pytest.mark.parametrize("pattern", ["*a*a*a*a*a*a*b", "*?a?*?a?*?b", "(a*)*(a*)*b", "(a|a)*(a|aa)+b", "(x+x+)+y"])
def test_patterns_are_linear(match: str, pattern: str) -> None:
    """No pattern makes matching explode."""
    if match == "regex":
        pattern = pattern if pattern.startswith("(") else pattern.replace("*", ".*").replace("?", ".")
    octets = b"Subject: " + b"a" * 60_000 + b"\r\n\r\n" + b"a" * 500_000 + b"x" * 500_000
    script = (
        f'require ["body", "regex"]; if header :{match} "Subject" "{pattern}" {{ discard; }}'
        f'if body :raw :{match} "{pattern}" {{ discard; }}'
    )
    with within(3.0):
        assert run(script, octets).keep == Filing()


def test_a_variable_that_doubles_itself() -> None:
    """Values are cut at their limit, and memory stays small."""
    script = 'require "variables"; set "a" "' + "x" * 1000 + '";' + 'set "a" "${a}${a}${a}${a}";' * 10_000
    with within(10.0):
        outcome = run(script + 'if string :contains "${a}${a}" "y" { discard; }')
    assert outcome.keep == Filing()
    assert not outcome.error


def test_a_value_is_cut_when_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever made it longer than a value may be."""
    monkeypatch.setattr(limits, "VALUE", 10)
    outcome = run(f'require "variables"; set "a" "{"x" * 20}"; if string :is "${{a}}" "{"x" * 10}" {{ discard; }}')
    assert (outcome.keep, outcome.error) == (None, "")


def test_too_many_variables() -> None:
    """Names are bounded as well."""
    outcome = run('require "variables";' + "".join(f'set "v{number}" "x";' for number in range(1_001)))
    assert outcome.error == "more than 1000 variables"


def test_fileinto_ten_thousand_mailboxes() -> None:
    """The 33rd action is an error: the message is kept once, where it always goes."""
    script = 'require ["fileinto", "mailbox"];' + "".join(f'fileinto :create "m{n}";' for n in range(10_000))
    outcome = run(script)
    assert (outcome.actions, outcome.keep, outcome.error) == ((), Filing(), "more than 32 actions")


def test_scripts_that_include_each_other() -> None:
    """A circle, and a chain that is too deep."""
    world = World()
    world.scripts = {(f"s{n}", False): f'require "include"; include "s{n + 1}";' for n in range(20)}
    assert "more than 10 deep" in run('require "include"; include "s0";', world=world).error
    world.scripts["s20", False] = "keep;"
    many = "".join('include "s20";' for _ in range(101))
    assert "more than 100 scripts" in run(f'require "include"; {many}', world=world).error


def test_a_long_script_over_a_large_body() -> None:
    """What one message may decode is bounded for all tests together."""
    octets = b"Content-Type: text/plain\r\n\r\n" + b"x" * (16 << 20)
    tests = ",".join(['body :text :contains "y"'] * 200)
    with within(5.0):
        assert run(f'require "body"; if anyof({tests}) {{ discard; }}', octets).keep == Filing()


def test_the_processor_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run beyond its seconds ends with an error."""
    monkeypatch.setattr(limits, "CPU", 0.001)
    tests = ",".join(['header :contains "X" "y"'] * 1_000)
    with within(5.0):
        outcome = run(f"if anyof({tests}) {{ discard; }}" * 3)
    assert outcome.error == "the script ran for more than 0 seconds"
    assert outcome.keep == Filing()


def test_headers_by_the_thousand() -> None:
    """Fields added are counted."""
    outcome = run('require "editheader";' + 'addheader "X-A" "b";' * 1_000)
    assert outcome.error == "more than 100 fields added"
    assert outcome.edited is None


def test_a_number_of_any_length() -> None:
    """i;ascii-numeric reads what it can."""
    octets = b"X-N: " + b"9" * 900_000 + b"\r\n\r\n"
    with within(1.0):
        outcome = run(
            'require ["relational", "comparator-i;ascii-numeric"];'
            'if header :value "gt" :comparator "i;ascii-numeric" "X-N" "5" { discard; }',
            octets,
        )
    assert outcome.keep is None
