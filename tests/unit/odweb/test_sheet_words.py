"""What is said of a row is said in three languages."""

import re
from pathlib import Path

from odcore.directory import bulk
from odweb import sheets

FOLDER = Path(bulk.__file__).parent
WORDS = Path(sheets.__file__).parent / "words.py"


def test_every_remark_on_a_row_is_in_the_catalogs():
    check = (FOLDER / "check.py").read_text("utf-8")
    values = (FOLDER / "values.py").read_text("utf-8")
    said = re.findall(r'^[A-Z_]+ = (?:Remark\()?"([^"]+)"', check, re.MULTILINE)
    said += re.findall(r'Fault\(Kind\.\w+, "([^"]+)"\)', values)
    assert len(said) > 15
    assert set(said) == set(re.findall(r'\b_\("([^"]+)"\)', WORDS.read_text("utf-8")))
