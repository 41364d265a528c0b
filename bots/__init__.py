"""The adapters and the one conversation they share."""
