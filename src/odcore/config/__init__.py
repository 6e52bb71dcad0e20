"""Settings: TOML into checked structs, errors with their path, the example file."""
