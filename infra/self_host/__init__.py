"""What a host of one's own needs beside the functions (docs/self-host.md)."""
