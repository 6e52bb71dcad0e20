"""The validation cases of the ARC test suite, under their names there, each with the result given there.

Source: ValiMail's arc_test_suite, tests/arc-draft-validation-tests.yml and manifest.txt (MIT licence). Its messages
`cv_pass_i1_1` and `cv_pass_i2_1` and their key stand here as published, and what the suite makes of them by a change
afterwards is made of them here. Where it signs what it changed one would need its key: `odtest.arc_chain` signs those.
"""

import re
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from odmail.trust import arc_verify
from odmail.trust.dkim_verify import Signed
from odtest.arc_chain import COVERED, Chain, record, simple_body
from odtest.zone import Zone

_PUBLISHED_KEY = (
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16"
    "JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/"
    "K4w3QIDAQAB"
)
_PUBLISHED = """\
ARC-Seal: a=rsa-sha256;
    b=IAqZJ5HwfNxxsrn9R4ayQgiu9RibPKEUVevbt7XFTkSh1baJ533D2Z6IZ2NaBreUhDBb2e
    K9Gtcv+eyUhWkD8VTmE6fq/F8CDIK3ScIiJykF8hNL1wpa/mGwWWwBnkozIJGAbTAAX7AgnH
    knAehnSW99TeU0lmib0XmOt4TN3sY=; cv=pass; d=example.org; i=2; s=dummy;
    t=12346
ARC-Message-Signature: a=rsa-sha256;
    b=2cDGNznUmp4YSSThCe9nrQIH2Gpd5qPFw3OU8sWFzZgEQ5UZtaVQifVUXUrsSyEzjro3Ul
    YPPDx+C1K+LbKRlOZ06il4ws2zlPafsrx1piKsKSCUq0KjFs01hYCDBa3tfdyITSfoWu2HHY
    pCjrhPMPH1jruIdBV/5Gk2Fvy+mW8=;
    bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZYLQ=; c=relaxed/relaxed;
    d=example.org; h=from:to:date:subject:mime-version:arc-authentication-results;
    i=2; s=dummy; t=12346
ARC-Authentication-Results: i=2; lists.example.org;
    spf=pass smtp.mfrom=jqd@d1.example;
    dkim=pass (1024-bit key) header.i=@d1.example;
    dmarc=pass
ARC-Seal: a=rsa-sha256;
    b=dOdFEyhrk/tw5wl3vMIogoxhaVsKJkrkEhnAcq2XqOLSQhPpGzhGBJzR7k1sWGokon3TmQ
    7TX9zQLO6ikRpwd/pUswiRW5DBupy58fefuclXJAhErsrebfvfiueGyhHXV7C1LyJTztywzn
    QGG4SCciU/FTlsJ0QANrnLRoadfps=; cv=none; d=example.org; i=1; s=dummy;
    t=12345
ARC-Message-Signature: a=rsa-sha256;
    b=QsRzR/UqwRfVLBc1TnoQomlVw5qi6jp08q8lHpBSl4RehWyHQtY3uOIAGdghDk/mO+/Xpm
    9JA5UVrPyDV0f+2q/YAHuwvP11iCkBQkocmFvgTSxN8H+DwFFPrVVUudQYZV7UDDycXoM6UE
    cdfzLLzVNPOAHEDIi/uzoV4sUqZ18=;
    bh=KWSe46TZKCcDbH4klJPo+tjk5LWJnVRlP5pvjXFZYLQ=; c=relaxed/relaxed;
    d=example.org; h=from:to:date:subject:mime-version:arc-authentication-results;
    i=1; s=dummy; t=12345
ARC-Authentication-Results: i=1; lists.example.org;
    spf=pass smtp.mfrom=jqd@d1.example;
    dkim=pass (1024-bit key) header.i=@d1.example;
    dmarc=pass
MIME-Version: 1.0
Message-ID: <54B84785.1060301@d1.example.org>
Date: Thu, 14 Jan 2015 15:00:01 -0800
From: John Q Doe <jqd@d1.example.org>
To: arc@dmarc.org
Subject: Example 1

Hey gang,
This is a test message.
--J.
"""
TWO = _PUBLISHED.replace("\n", "\r\n")
ONE = TWO[TWO.index("ARC-Seal", 10) :]
PLAIN = TWO[TWO.index("MIME-Version") :]
FIELDS, BODY = PLAIN.partition("\r\n\r\n")[0].split("\r\n"), PLAIN.partition("\r\n\r\n")[2]

KEY, LONG = generate_private_key(65537, 1024), generate_private_key(65537, 2048)
NAME = "._domainkey.example.org"
PUBLISHED_ZONE = Zone({("dummy" + NAME, "TXT"): [_PUBLISHED_KEY]})
OURS = Zone({("dummy" + NAME, "TXT"): [record(KEY)], ("2048" + NAME, "TXT"): [record(LONG)]})


def verified(message: bytes | str, zone: Zone) -> str:
    octets = message.encode() if isinstance(message, str) else message
    block, _, body = (b"\r\n" + octets).partition(b"\r\n\r\n")
    fields = (block + b"\r\n")[2:]
    return arc_verify.verify(Signed.from_message(fields, memoryview(body)), zone).result


def after(text: str, old: str, new: str, count: int = 1) -> str:
    """Changed after it was signed."""
    assert old in text
    return text.replace(old, new, count)


def without(text: str, name: str, instance: int) -> str:
    field = re.search(rf"{name}:(?:(?!\r\n\S).)*?\bi={instance};.*?\r\n(?=\S)", text, re.DOTALL)
    assert field
    return text.replace(field[0], "", 1)


PUBLISHED: dict[str, tuple[str, str]] = {
    "cv_empty": ("none", ""),
    "cv_no_headers": ("none", "\r\n" + BODY),
    "cv_no_body": ("none", PLAIN.partition("\r\n\r\n")[0] + "\r\n"),
    "cv_base1": ("none", PLAIN),
    "cv_pass_i1_1": ("pass", ONE),
    "cv_pass_i2_1": ("pass", TWO),
    "cv_fail_i1_ams_na": ("fail", without(ONE, "ARC-Message-Signature", 1)),
    "cv_fail_i1_ams_invalid": ("fail", after(ONE, "b=QsRz", "b=QsRa")),
    "cv_fail_i1_as_na": ("fail", without(ONE, "ARC-Seal", 1)),
    "cv_fail_i1_as_invalid": ("fail", after(ONE, "b=dOdF", "b=dOda")),
    "cv_fail_i2_ams_na": ("fail", without(TWO, "ARC-Message-Signature", 2)),
    "cv_fail_i2_ams_invalid": ("fail", after(TWO, "b=2cDG", "b=2cDa")),
    "cv_fail_i2_as1_na": ("fail", without(TWO, "ARC-Seal", 1)),
    "cv_fail_i2_as1_invalid": ("fail", after(TWO, "b=dOdF", "b=dOda")),
    "cv_fail_i2_as2_na": ("fail", without(TWO, "ARC-Seal", 2)),
    "cv_fail_i2_as2_invalid": ("fail", after(TWO, "b=IAqZ", "b=IAqa")),
    "ams_fields_b_mod_headers1": ("fail", after(ONE, "John Q", "Q")),
    "ams_fields_b_mod_headers2": ("fail", after(ONE, "Example 1", "Example 1 (Mod)")),
    "ams_fields_b_mod_sig": ("fail", after(ONE, "cdfzLL", "cdfzLM")),
    "ams_fields_b_head_case": ("pass", after(ONE, "From:", "FROM:")),
    "ams_fields_b_head_unfold": ("pass", after(ONE, "Example 1", "Example\r\n 1")),
    "ams_fields_b_eol_wsp": ("pass", after(ONE, "Example 1", "Example 1   ")),
    "ams_fields_b_inl_wsp": ("pass", after(ONE, "John Q", "John     Q")),
    "ams_fields_b_col_wsp": ("pass", after(ONE, "Subject:", "Subject  :  ")),
    "ams_fields_bh_rel_eol_wsp": ("pass", after(ONE, "gang,\r\n", "gang,  \r\n")),
    "ams_fields_bh_rel_inl_wsp": ("pass", after(ONE, "Hey gang", "Hey       gang")),
    "ams_fields_bh_rel_end_lines": ("pass", ONE + "\r\n\r\n"),
    "ams_fields_bh_rel_trail_crlf": ("pass", ONE.removesuffix("\r\n")),
    "ams_fields_bh_mod_bod": ("fail", after(ONE, "test", "tent")),
    "ams_format_tags_wsp": ("fail", after(ONE, "c=relaxed/relaxed", "c=rela xed/relaxed")),
    "ams_format_tags_sc": ("fail", after(ONE, "c=relaxed", "c=rel;axed")),
    "as_fields_b_head_case": ("pass", after(ONE, "ARC-Seal", "ARC-SEAL")),
    "as_fields_b_head_unfold": ("pass", after(ONE, "3TmQ\r\n    ", "3TmQ ")),
    "as_fields_b_eol_wsp": ("pass", after(ONE, "3TmQ\r\n", "3TmQ     \r\n")),
    "as_fields_b_inl_wsp": ("pass", after(ONE, "; cv=none", ";       cv=none")),
    "as_fields_b_col_wsp": ("pass", after(ONE, "ARC-Seal:", "ARC-Seal  :  ")),
    "as_fields_b_ignores_wsp": ("pass", after(ONE, "dOdFEy", "dOd FEy")),
    "as_fields_b_mod_sig": ("fail", after(ONE, "QGG4", "QGG5")),
    "as_fields_b_aar1": ("fail", after(TWO, "i=1; lists.example.org;", "i=1; list.example.org;")),
    "as_fields_b_ams1": ("fail", after(TWO, "b=QsRz", "b=QsRa")),
    "as_fields_b_asb1": ("fail", after(TWO, "i=1; s=dummy;\r\n    t=12345", "i=1; s=dummy;\r\n    t=12347")),
    "as_format_tags_val_case": ("fail", after(ONE, "cv=none; d=example", "cv=none; d=Example")),
    "as_format_tags_wsp": ("fail", after(ONE, "cv=none", "cv=no ne")),
    "as_format_tags_sc": ("fail", after(ONE, "cv=none", "cv=no;ne")),
    "as_fields_i_dup": ("fail", ONE[: ONE.index("ARC-Message")] + ONE),
    "as_fields_i_dup2": ("fail", TWO[: TWO.index("ARC-Message")] + TWO),
    "as_fields_i_missing": ("fail", after(ONE, " i=1; s=dummy;\r\n", " s=dummy;\r\n")),
    "ams_fields_i_dup": ("fail", ONE[ONE.index("ARC-Message") : ONE.index("ARC-Auth")] + ONE),
    "aar_missing": ("fail", without(ONE, "ARC-Authentication-Results", 1)),
    "aar2_missing": ("fail", without(TWO, "ARC-Authentication-Results", 2)),
    "arc_set_duplicate": ("fail", ONE[: ONE.index("MIME-Version")] + ONE),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_message_and_what_was_changed_in_it(name):
    expected, message = PUBLISHED[name]
    assert verified(message, PUBLISHED_ZONE) == expected


def chain(fields: list[str] | None = None, **more: object) -> Chain:
    return Chain(FIELDS if fields is None else fields, BODY, KEY).add(**more)  # type: ignore[arg-type]


def put(**tags: str) -> Callable[[dict[str, str]], object]:
    return lambda found: found.update({key.rstrip("_"): value for key, value in tags.items()})


def drop(tag: str) -> Callable[[dict[str, str]], object]:
    return lambda found: found.pop(tag)


def text(old: str, new: str) -> Callable[[str], str]:
    return lambda field: after(field, old, new)


def sealed_after_a_change() -> Chain:
    made = chain()
    made.fields = [each.replace("John", "Gene") for each in FIELDS]
    return made.add()


def added(field: str, **more: object) -> Chain:
    """With a field that was not there when it was signed."""
    made = chain(FIELDS[1:], **more)
    made.fields.insert(0, field)
    return made


TWO_TO = [*FIELDS[:-2], "To: morty@dmarc.org", "To: evil_morty@dmarc.org", FIELDS[-1]]
TO_TWICE = put(h=COVERED.replace("to:", "to:to:"))


def swapped() -> Chain:
    made = chain(TWO_TO, bend_ams=TO_TWICE)
    made.fields[-3], made.fields[-2] = made.fields[-2], made.fields[-3]
    return made


_TAGS = {
    "a_na": ("fail", drop("a")),
    "a_empty": ("fail", put(a="")),
    "a_unknown": ("fail", put(a="rsa-sha257")),
    "b_na": ("fail", drop("b")),
    "b_empty": ("fail", put(b="")),
    "b_base64": ("fail", put(b="&@=")),
    "d_na": ("fail", drop("d")),
    "d_empty": ("fail", put(d="")),
    "d_invalid": ("fail", put(d="example...")),
    "s_na": ("fail", drop("s")),
    "s_empty": ("fail", put(s="")),
    "t_na": ("pass", drop("t")),
    "t_empty": ("fail", put(t="")),
    "t_invalid": ("fail", put(t="icecream")),
}
_FORMATS = {
    "sc_wsp": ("pass", text("; s=", " ; s=")),
    "eq_wsp": ("pass", text("i=1", "i = 1")),
    "tags_trail_sc": ("pass", lambda field: field + ";"),
    "tags_unknown": ("pass", lambda field: field + "; w=catparty"),
    "inv_tag_key": ("fail", text("; t=", "; _=; t=")),
    "tags_dup": ("fail", text("; t=", "; s=dummy; t=")),
    "tags_key_case": ("fail", text("a=rsa", "A=rsa")),
}

SIGNED: dict[str, tuple[str, Chain]] = {
    **{f"ams_fields_{name}": (result, chain(bend_ams=bend)) for name, (result, bend) in _TAGS.items()},
    **{f"as_fields_{name}": (result, chain(bend_seal=bend)) for name, (result, bend) in _TAGS.items()},
    **{f"ams_format_{name}": (result, chain(text_ams=change)) for name, (result, change) in _FORMATS.items()},
    **{f"as_format_{name}": (result, chain(text_seal=change)) for name, (result, change) in _FORMATS.items()},
    "cv_pass_i2_1_ams1_invalid": ("pass", sealed_after_a_change()),
    "cv_pass_i3_1": ("pass", chain().add().add()),
    "cv_pass_i4_1": ("pass", chain().add().add().add()),
    "cv_pass_i5_1": ("pass", chain().add().add().add().add()),
    "cv_fail_i1_as_pass": ("fail", chain(bend_seal=put(cv="pass"))),
    "cv_fail_i1_as_fail": ("fail", chain(bend_seal=put(cv="fail"))),
    "cv_fail_i2_as1_pass": ("fail", chain(bend_seal=put(cv="pass")).add()),
    "cv_fail_i2_as1_fail": ("fail", chain(bend_seal=put(cv="fail")).add()),
    "cv_fail_i2_as2_none": ("fail", chain().add(bend_seal=put(cv="none"))),
    "cv_fail_i2_as2_fail": ("fail", chain().add(bend_seal=put(cv="fail"))),
    "as_fields_cv_na": ("fail", chain(bend_seal=drop("cv"))),
    "as_fields_cv_empty": ("fail", chain(bend_seal=put(cv=""))),
    "as_fields_cv_invalid": ("fail", chain(bend_seal=put(cv="lobster"))),
    "as_fields_i_malformed1": ("fail", chain(bend_seal=put(i="0"))),
    "as_fields_i_malformed2": ("fail", chain(bend_seal=put(i="a"))),
    "as_fields_b_1024": ("pass", chain()),
    "as_fields_b_2048": ("pass", Chain(FIELDS, BODY, LONG, "2048").add()),
    "ams_fields_b_ignores_wsp": ("pass", chain(text_ams=text("; bh=", " ; bh="))),
    "ams_fields_bh_ignores_wsp": ("pass", chain(text_ams=text("bh=K", "bh=K "))),
    "ams_fields_bh_sim_base": ("pass", chain(bend_ams=put(c="relaxed/simple"), body_form=simple_body)),
    "ams_fields_bh_na": ("fail", chain(bend_ams=drop("bh"))),
    "ams_fields_bh_empty": ("fail", chain(bend_ams=put(bh=""))),
    "ams_fields_bh_base64": ("fail", chain(bend_ams=put(bh="&@="))),
    "ams_fields_bh_mod_sig": ("fail", chain(text_ams=text("bh=K", "bh=L"))),
    "ams_fields_c_na": ("fail", chain(bend_ams=drop("c"))),
    "ams_fields_c_empty": ("fail", chain(bend_ams=put(c=""))),
    "ams_fields_c_ss": ("fail", chain(bend_ams=put(c="simple/simple"))),
    "ams_fields_c_sr": ("fail", chain(bend_ams=put(c="simple/relaxed"))),
    "ams_fields_c_invalid": ("fail", chain(bend_ams=put(c="pancake/waffle"))),
    "ams_fields_h_cws1": ("pass", chain(bend_ams=put(h=COVERED.replace(":", " : ")))),
    "ams_fields_h_cws2": ("pass", chain(bend_ams=put(h=COVERED.replace(":arc", " :\r\n    arc")))),
    "ams_fields_h_case": ("pass", chain(bend_ams=put(h=COVERED.title()))),
    "ams_fields_h_dup1": ("pass", chain(TWO_TO, bend_ams=TO_TWICE)),
    "ams_fields_h_dup2": ("fail", swapped()),
    "ams_fields_h_non_existant": ("pass", chain(FIELDS[1:])),
    "ams_fields_h_non_existant_dup": ("pass", chain(FIELDS[1:], bend_ams=put(h=COVERED + ":mime-version"))),
    "ams_fields_h_empty_added": ("fail", added("MIME-Version: 1.0")),
    "ams_fields_h_mis_hdr": ("pass", chain(bend_ams=put(h=COVERED.replace("to:", "to::")))),
    "ams_fields_h_na": ("fail", chain(bend_ams=drop("h"))),
    "ams_fields_h_order": ("fail", chain(signed_names=COVERED.replace("to:date", "date:to"))),
    "ams_fields_h_includes_ams": ("pass", chain().add(bend_ams=put(h="from:to:arc-message-signature:date:subject"))),
    "ams_fields_h_includes_as": ("fail", chain().add(bend_ams=put(h="from:to:arc-seal:date:subject"))),
    "aar_i_missing": ("fail", chain(aar=text(" i=1;", ""))),
    "aar_i_wrong": ("fail", chain(aar=text("i=1", "i=2"))),
    "aar_i_not_prefix": ("fail", chain(aar=text("i=1; lists.example.org", "lists.example.org; i=1"))),
    "aar_i_no_semi": ("fail", chain(aar=text("i=1;", "i=1"))),
}


KEYS = {
    "public_key_na": Zone({}),
    "public_key_invalid": Zone({("dummy" + NAME, "TXT"): ["v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3"]}),
}

STRICTER: dict[str, Chain] = {
    "ams_fields_a_sha1": chain(bend_ams=put(a="rsa-sha1")),  # RFC 8301 3.1
    "as_fields_a_sha1": chain(bend_seal=put(a="rsa-sha1")),
    "ams_fields_h_empty": chain(bend_ams=put(h="")),  # RFC 6376 5.4: From must be signed
}
"""These pass there. So does `as_fields_b_512`, of which the suite itself says that it should not (RFC 8301 3.2)."""


@pytest.mark.parametrize("name", SIGNED)
def test_a_chain_that_was_made_so(name):
    expected, made = SIGNED[name]
    assert verified(made.message(), OURS) == expected


@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_is_missing_or_none_makes_a_fail(name):
    assert verified(chain().message(), KEYS[name]) == "fail"


@pytest.mark.parametrize("name", STRICTER)
def test_what_later_rules_forbid_is_a_fail_here(name):
    assert verified(STRICTER[name].message(), OURS) == "fail"
