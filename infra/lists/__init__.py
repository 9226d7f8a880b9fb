"""Lists that partners bring: read a file, find its table, propose what its columns mean."""
