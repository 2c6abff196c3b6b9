"""HTTP plumbing that all views share."""
