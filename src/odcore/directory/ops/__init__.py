"""Use cases that change the directory: one noun a module, one function a use case, each audited and announced."""
