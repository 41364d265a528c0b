"""When a platform will not have a bot, whichever platform it is."""


class PlatformRefused(Exception):
    """No waiting mends it: somebody must change something. ``str(error)`` says what, in one sentence."""
