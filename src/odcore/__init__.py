"""What every family shares: errors, clock, settings, stores, directory, identity, audit, ports between families."""
