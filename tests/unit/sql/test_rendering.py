"""Schemas of several families, rendered by several threads."""

import subprocess
import sys

PROGRAM = """
from threading import Barrier, Thread
from odcore.sql.migrate import Schema

schemas = [Schema("odmail.mailbox"), Schema("odmail.queue"), Schema("odcore.audit")] * 2
together, failures = Barrier(len(schemas)), []

def render(schema):
    together.wait()
    try:
        assert all(schema.revisions.values())
    except BaseException as error:
        failures.append(error)

threads = [Thread(target=render, args=(schema,)) for schema in schemas]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert not failures, failures
"""


def test_families_rendered_at_the_same_moment_do_not_disturb_one_another():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
