"""What an operator can set about the conversation."""

from dataclasses import dataclass

from guides import Language


@dataclass(frozen=True, slots=True)
class ConversationOptions:
    """How Bunri talks.

    Attributes:
        language: for those whose platform states none and who chose none.
        region: whose guides, for those who chose no place.
        per_user_per_minute: photos, texts and commands that one person may send a minute.
        per_chat_per_minute: the same for one group or channel.
        contact: whom to ask about privacy: an address that residents are shown; "" where there is none.
        discord_image_permission: where and when Discord permitted that photos are kept for training; "" where it
            did not, and then none from there is (Discord Developer Policy, rule 21).
        consent_version: of the text that residents agree to; digits. Raise it when the text changes.

    """

    language: Language = "ko"
    region: str = "kr"
    per_user_per_minute: int = 30
    per_chat_per_minute: int = 60
    contact: str = ""
    discord_image_permission: str = ""
    consent_version: str = "1"
