"""route: writes requests into the shared sheet and assigns each to a referent."""
