"""A Bot API of our own over real sockets, kept honest by models that others made from Telegram's documentation."""
