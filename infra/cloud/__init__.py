"""The system on Google Cloud: what it is made of, and how it gets there (docs/deploy.md)."""
