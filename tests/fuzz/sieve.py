"""Scripts: commands or a ScriptError, from the parser and from the compiler.  odmail.sieve"""

from contextlib import suppress

from odmail.sieve.compiler import capabilities, compile_script
from odmail.sieve.model import ScriptError
from odmail.sieve.parser import parse

REQUIRE = ("require [" + ", ".join(f'"{name}"' for name in capabilities()) + "];\n").encode()


def one(data: bytes) -> None:
    try:
        parse(data)
    except ScriptError:
        return
    for script in (data, REQUIRE + data):
        with suppress(ScriptError):
            compile_script(script)
