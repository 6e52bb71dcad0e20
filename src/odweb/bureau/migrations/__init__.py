"""Made by `python -m django makemigrations`."""
