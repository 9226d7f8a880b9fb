"""digest: mails coordinators what to act on."""
