"""One use case a module, each inside one transaction."""
