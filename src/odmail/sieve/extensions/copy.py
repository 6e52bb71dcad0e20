"""copy: file or redirect a copy, and go on as if nothing was done.  RFC 3894"""

from odmail.sieve.declare import Extension, TagOf

EXTENSION = Extension("copy", "3894", more=((("fileinto", "redirect"), TagOf("copy", requires="copy")),))
