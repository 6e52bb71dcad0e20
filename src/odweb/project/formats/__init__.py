"""How dates and numbers are written: dd-mm-yyyy, as government papers have it (GIGW 3.0)."""
