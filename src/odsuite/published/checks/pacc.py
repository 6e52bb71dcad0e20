"""Do apps to come find the document about our servers, and a digest that vouches for it?  draft-ietf-mailmaint-pacc"""

from collections.abc import Iterator

from odsuite.published.check import Case, Check, Verdict, doubtful, good, txt


def look(case: Case) -> Iterator[Verdict]:
    """Nothing asks for it yet: what is missing is a warning."""
    host, record = f"ua-auto-config.{case.domain}", f"_ua-auto-config.{case.domain}"
    if not case.ports.get("https"):
        return
    missing = []
    if not set(case.addresses(case.host)) & set(case.addresses(host)):
        missing.append(f"{host}. IN CNAME {case.host}.")
    if case.vouched.encode() not in case.texts(record):
        missing.append(txt(record, case.vouched))
    if missing:
        yield doubtful("apps to come do not find our servers by themselves", *missing)
    elif not case.certified(host):
        yield doubtful(f"no certificate of ours is for {host}, so apps to come do not believe it")
    else:
        yield good("apps to come find our servers")


CHECK = Check("services", 75, look)
