"""What we publish and sign: DKIM."""
