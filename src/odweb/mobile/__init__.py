"""One-time codes to mobile numbers: who can read one back holds the phone."""
