"""Where the functions run: in the cloud, or all on one machine; and the operator's command."""
