"""My page: who I am, the posts I hold, my devices, my sessions, where I signed in."""
