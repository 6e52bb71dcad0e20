"""Large bodies, content-addressed, fsynced before they are named."""
