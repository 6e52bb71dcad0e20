"""The Django project: its settings, its start, what every request passes through."""
