"""Under which terms a picture may be kept, or that it never may."""

from enum import StrEnum


class Licence(StrEnum):
    """The flag of each picture. Telegram's bot terms 4.3 and Discord's policy, rule 21, draw the lines."""

    TELEGRAM_OPTED_IN = "telegram-opted-in"
    WEB_OPTED_IN = "web-opted-in"
    DISCORD_PERMITTED = "discord-permitted"
    """Its resident agreed, and the operator recorded where Discord permitted it; the row says what was recorded."""
    DISCORD_NEVER = "discord-never"
    """Discord's own permission is not recorded: then nobody's consent is enough."""
    GENERATED_NEVER = "generated-never"
    """Made by AI, or perhaps: it would teach a model its own mistakes."""
    NEVER = "never"
    """From where nobody is asked, such as the operator's own terminal."""

    @property
    def keeps(self) -> bool:
        """Whether, with consent, a picture under it is kept."""
        return self in {Licence.TELEGRAM_OPTED_IN, Licence.WEB_OPTED_IN, Licence.DISCORD_PERMITTED}
