"""HTTP as far as every page, calendar and drive shares it: a WSGI gateway in front of mounted applications."""
