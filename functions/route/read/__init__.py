"""What route reads of the journal before it decides."""
