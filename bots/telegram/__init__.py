"""Bunri in Telegram: updates in, replies out. What Bunri says is decided in ``bots/conversation.py``."""
