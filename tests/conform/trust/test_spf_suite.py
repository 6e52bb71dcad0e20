"""SPF says what the openspf.org test suite for RFC 7208 says (release 2014.04, as pyspf 2.0.14 ships it)."""

from pathlib import Path

import pytest
import yaml

from odmail.trust import spf
from odtest.zone import TIMEOUT, Zone

SCENARIOS = list(yaml.safe_load_all((Path(__file__).parent / "rfc7208-tests.yml").read_bytes()))
CASES = [(scenario, name) for scenario in SCENARIOS for name in scenario["tests"]]


def zone(data: dict) -> Zone:
    """As the suite's own driver reads it: an SPF record is a TXT record too, unless the name has TXT records."""
    made = Zone()
    for name, records in data.items():
        found = [next(iter(each.items())) for each in records if isinstance(each, dict)]
        has_text = any(kind == "TXT" for kind, _ in found)
        for kind, value in found:
            kind = "TXT" if kind == "SPF" and not has_text else kind
            if value == "NONE":
                continue
            if kind == "TXT" and value != TIMEOUT:
                value = "".join(value)
            made.add(name, kind, value)
        if TIMEOUT in records:  # whatever else is asked about the name
            for kind in ("A", "AAAA", "MX", "TXT", "PTR"):
                if (name.lower(), kind) not in made.records:
                    made.add(name, kind, TIMEOUT)
    made.silent |= {"error.example.com"}
    return made


@pytest.mark.parametrize(("scenario", "name"), CASES, ids=[name for _, name in CASES])
def test_the_suite(scenario, name):
    test = scenario["tests"][name]
    asked = spf.Asked(test["host"], test["mailfrom"] or "", test["helo"] or "", test.get("receiver", ""))
    answer = spf.check(asked, zone(scenario["zonedata"]))
    results = test["result"]
    assert answer.result in ([results] if isinstance(results, str) else results), answer
    if "explanation" in test:
        assert (answer.explanation or "DEFAULT") == test["explanation"]
