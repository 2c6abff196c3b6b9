"""HTTP plumbing shared by the pages."""
