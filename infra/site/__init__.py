"""What the webmaster is given beside the form: QR codes, API keys, a check of the page."""
