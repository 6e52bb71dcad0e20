"""Whatever the octets: a script is refused with its place or runs, and what it runs over loses nothing."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odmail.message.parse import parse
from odmail.sieve.actions import Filing
from odmail.sieve.compiler import capabilities, compile_script
from odmail.sieve.glob import Glob, quoted
from odmail.sieve.interpreter import Script, interpret
from odmail.sieve.mail import Mail
from odmail.sieve.model import ScriptError
from odtest.sieve import World

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

_PIECES = r"""
if elsif else require keep discard stop fileinto redirect set addflag setflag vacation notify reject include return
foreverypart break extracttext addheader deleteheader error header address envelope exists size allof anyof not true
false string hasflag body date currentdate duplicate spamtest mailboxexists environment metadata ihave
:is :contains :matches :regex :count :value :comparator :copy :flags :create :days :over :index :last :mime :anychild
:param :handle :raw :content :text :zone :first :lower :specialuse :fcc :global :once
; , { } ( ) [ ] 1 10K "Subject" "a*?b" "${1}" "${x}" "gt" "i;ascii-numeric" "\\Seen" "me@example.com" text: /*c*/ "
"""
_WORDS = st.sampled_from([*_PIECES.split(), "\n", "text:\nhello\n.\n", '"a b"', "# c\n"])
_ALL = "require [" + ", ".join(f'"{name}"' for name in capabilities()) + "];\n"

_TESTS = st.recursive(
    st.sampled_from(
        [
            "true",
            "false",
            'header :matches "Subject" "*o*"',
            'header :regex ["From", "X"] "(.*)@(.*)"',
            'address :domain :count "ge" "from" "1"',
            'string :is "${1}${x}" ["", "a"]',
            'exists ["From", "Date"]',
            "size :over 10",
            'hasflag :contains "x" ["a", "\\\\Seen"]',
            'body :content "" :contains ["x", "y"]',
            'body :raw :matches "*a*"',
            'date :originalzone :value "gt" "date" "hour" "09"',
            'currentdate :matches "iso8601" "*"',
            'header :mime :anychild :param "filename" :contains "Content-Disposition" "e"',
            "duplicate",
            'spamtest :percent :value "gt" "50"',
        ]
    ),
    lambda inner: st.one_of(
        inner.map("not {}".format),
        st.lists(inner, min_size=1, max_size=3).map(lambda tests: f"anyof({', '.join(tests)})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda tests: f"allof({', '.join(tests)})"),
    ),
    max_leaves=5,
)
_COMMANDS = st.recursive(
    st.sampled_from(
        [
            "keep;",
            "discard;",
            "stop;",
            'keep :flags "a \\\\Flagged";',
            'fileinto :create "x/${1}";',
            'fileinto :copy :specialuse "\\\\Junk" "J";',
            'redirect "a@example.com";',
            'set :upper :length "x" "${0}${x}${2}";',
            'addflag "x" ["b", "\\\\Seen"];',
            'removeflag "b";',
            'vacation :days 2 "away ${x}";',
            'addheader :last "X-New" "${x} ଓଡ଼ିଆ";',
            'deleteheader :index 1 "Subject";',
            'notify "mailto:a@example.com";',
            'reject "no";',
            'include :optional "other";',
            'foreverypart :name "n" { extracttext :first 5 "x"; break; }',
        ]
    ),
    lambda inner: st.builds(
        lambda test, then, other: f"if {test} {{ {' '.join(then)} }} else {{ {' '.join(other)} }}",
        _TESTS,
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=2),
    ),
    max_leaves=8,
)
_FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["Subject", "From", "Date", "X", "Content-Type", "Content-Disposition", "Received"]),
        st.text(max_size=30).map(lambda text: text.replace("\r", "").replace("\n", "")),
    ),
    max_size=6,
)


@PATIENT
@given(st.one_of(st.binary(max_size=300), st.lists(_WORDS, max_size=60).map(lambda words: " ".join(words).encode())))
def test_any_octets_compile_or_are_refused_with_a_place(source: bytes) -> None:
    """ScriptError and nothing else, and the place is in the script."""
    place = None
    try:
        compile_script(_ALL.encode() + source)
    except ScriptError as error:
        place = error.place
    assert place is None or (1 <= place.line <= source.count(b"\n") + 3 and place.column >= 1)


@PATIENT
@given(st.lists(_COMMANDS, max_size=5), _FIELDS, st.binary(max_size=200))
def test_a_valid_script_ends_well_on_any_message(
    commands: list[str], fields: list[tuple[str, str]], rest: bytes
) -> None:
    """Either everything it asked for, or the message kept and the error told."""
    head = "".join(f"{name}: {value}\r\n" for name, value in fields).encode("utf-8", "surrogatepass")
    octets = head + b"\r\n" + rest
    world = World()
    program = compile_script(_ALL + "\n".join(commands))
    outcome = interpret([Script("x", program)], Mail(octets, parse(octets).part), world.envelope, world, traced=True)
    if outcome.error:
        assert (outcome.actions, outcome.keep, outcome.remember, outcome.edited) == ((), Filing(), (), None)
    if outcome.edited is not None:
        parsed = parse(outcome.edited + rest)
        assert parsed.header_size <= len(outcome.edited + rest)


@PATIENT
@given(st.text(alphabet="ab*?\\", max_size=12), st.text(alphabet="ab*", max_size=12))
def test_globs_match_as_the_plainest_matcher_does(pattern: str, text: str) -> None:
    """The same answer, and what the wildcards stood for puts the text together again."""
    spans = Glob(pattern, str).match(text)
    assert (spans is not None) == _plainly(pattern, text)
    assert Glob(quoted(text), str).match(text) == []


def _plainly(pattern: str, text: str) -> bool:
    """Every way is tried."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_plainly(pattern[1:], text[at:]) for at in range(len(text) + 1))
    if pattern[0] == "?":
        return bool(text) and _plainly(pattern[1:], text[1:])
    if pattern[0] == "\\" and len(pattern) > 1:
        return text[:1] == pattern[1] and _plainly(pattern[2:], text[1:])
    return text[:1] == pattern[0] and _plainly(pattern[1:], text[1:])
