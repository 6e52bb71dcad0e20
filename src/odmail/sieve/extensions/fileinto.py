"""fileinto.  RFC 5228 4.1"""

from odmail.sieve.actions import Filing
from odmail.sieve.declare import Extension, Takes, Verb
from odmail.sieve.filing import chosen_filing
from odmail.sieve.run import Run, Step
from odmail.sieve.use import Use


def _fileinto(use: Use) -> Step:
    filing, copy = chosen_filing(use, use.text(0)), use.has("copy")

    def fileinto(run: Run) -> None:
        wanted: Filing = filing(run)
        run.act(wanted, copy=copy)

    return fileinto


EXTENSION = Extension("fileinto", "5228", verbs=(Verb("fileinto", _fileinto, forms=((Takes.STRING,),)),))
