"""intake: validates an arrival request and makes it durable."""
