"""Mails: what they say, how they wait, how they leave."""
