"""What the webmaster gets beside the form: QR codes, API keys, a check of the page."""
