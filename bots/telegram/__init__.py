"""Bunri in Telegram: updates in, replies out. What Bunri says is decided in ``bots/conversation.py``."""

import os

# python-telegram-bot 22 warns at every 429 that waits will be timedeltas, unless they are that already.
os.environ.setdefault("PTB_TIMEDELTA", "true")
