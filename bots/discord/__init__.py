"""Bunri in Discord: events in, replies out. What Bunri says is decided in ``bots/conversation.py``."""
