"""The pages of the local system: home, the spreadsheet's window, the mailbox."""
