"""A command -> its answer. What concerns one person's data is said in private only."""

from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from bots.actions import Forget, SetLanguage, SetRegion
from bots.cards import CardWriter
from bots.conversation_options import ConversationOptions
from bots.info_cards import (
    help_card,
    my_data_card,
    privacy_card,
    start_card,
    statistics_card,
)
from bots.language import known_language
from bots.messages import Messages, Texts
from bots.photo_keeper import PhotoKeeper
from bots.picture_answers import PictureAnswers
from bots.regions import every, regions
from bots.reply import Button, Card, CardKind, Place, Reply
from bots.request import Command, CommandSent, Resident
from bots.thing_answers import ThingAnswers
from db.consents import ConsentState
from db.database import Database
from guides import LANGUAGES, GuideBook, Language

LONGEST_REPORT: Final = 1_000
"""Characters of a report that are kept."""

_STATISTICS_DAYS: Final = 30
_PRIVATE: Final = frozenset({Command.MYDATA, Command.FORGET, Command.CONSENT})


class CommandAnswers:
    """Answers commands."""

    def __init__(
        self,
        guides: GuideBook,
        messages: Messages,
        memory: Database | None,
        options: ConversationOptions,
        keeper: PhotoKeeper,
        things: ThingAnswers,
        pictures: PictureAnswers,
    ) -> None:
        self._guides = guides
        self._messages = messages
        self._memory = memory
        self._options = options
        self._keeper = keeper
        self._things = things
        self._pictures = pictures

    async def reply(self, sent: CommandSent, resident: Resident, writer: CardWriter) -> Reply:
        """The answer to a command. Where others read along, what is private is asked for in a private chat."""
        texts = writer.texts
        if sent.command in _PRIVATE and not resident.is_private:
            return _in_private_only(texts)
        match sent.command:
            case Command.START:
                return Reply((start_card(texts, resident.platform, self._keeper.is_possible_for(resident)),))
            case Command.HELP:
                return Reply((help_card(texts, resident.platform),))
            case Command.LABELS:
                return Reply((writer.labels(),))
            case Command.GUIDE:
                if not sent.argument:
                    return Reply((writer.labels(),))
                return await self._things.reply(sent.argument, resident, writer)
            case Command.GENERATE:
                return await self._pictures.reply(sent.argument, resident, writer)
            case Command.LANG:
                return await self._lang(sent.argument, resident, texts)
            case Command.REGION:
                return await self._region(sent.argument, resident, writer)
            case Command.PRIVACY:
                return Reply((privacy_card(texts, self._options.contact, self._keeper.is_possible_for(resident)),))
            case Command.CONSENT:
                return await self._consent(resident, texts)
            case Command.MYDATA:
                return await self._my_data(resident, writer)
            case Command.FORGET:
                return await self._ask_forget(resident, texts)
            case Command.REPORT:
                return await self._report(sent.argument, resident, texts)
            case Command.STATS:
                return await self._stats(writer)
            case _:
                assert_never(sent.command)

    async def set_language(self, language: Language, resident: Resident) -> Reply:
        """From now on in this language; said in it."""
        if self._memory is not None:
            await self._memory.residents.set_language(resident.user_key, language)
        texts = self._messages.of(language)
        return Reply((Card(CardKind.SETTINGS, texts("language-set")),), Place.EDIT)

    async def set_region(self, region: str, resident: Resident, writer: CardWriter) -> Reply:
        """From now on by the rules of this place."""
        known = {each.id: each.name for each in every(regions(self._guides, writer.texts))}
        if region not in known:
            return await self._region("", resident, writer)
        if self._memory is not None:
            await self._memory.residents.set_region(resident.user_key, region)
        return Reply((Card(CardKind.SETTINGS, writer.texts("region-set", place=known[region])),), Place.EDIT)

    async def set_consent(self, given: bool, version: str, resident: Resident, writer: CardWriter) -> Reply:
        """What a resident decided. A yes to an older text is no yes to this one: they are asked again."""
        texts = writer.texts
        if not resident.is_private:
            return _in_private_only(texts)
        if self._memory is None or not self._keeper.is_possible_for(resident):
            return await self._consent(resident, texts)
        if given and version != self._options.consent_version:
            return Reply((self._keeper.question(texts),), Place.EDIT, is_private=True)
        await self._memory.consents.record(resident.user_key, resident.platform.value, version, given)
        deleted = 0 if given else await self._keeper.delete_of(resident)
        said = texts("consent-given") if given else texts("consent-refused", photos=deleted)
        card = Card(CardKind.CONSENT, said, texts("consent-given.detail" if given else "consent-refused.detail"))
        return Reply((card,), Place.EDIT, is_private=True)

    async def forget(self, confirmed: bool, resident: Resident, writer: CardWriter) -> Reply:
        """Delete everything about somebody, photos first; or leave it all."""
        texts = writer.texts
        if not resident.is_private:
            return _in_private_only(texts)
        if not confirmed:
            return Reply((Card(CardKind.INFO, texts("forget-kept")),), Place.EDIT, is_private=True)
        photos = await self._keeper.delete_of(resident)
        rows = 0
        if self._memory is not None and resident.user_key:
            rows = (await self._memory.forget(resident.user_key)).total
            # What was kept between the two: from here on no consent is left under which more could come.
            photos += await self._keeper.delete_of(resident)
        card = Card(
            CardKind.INFO,
            texts("forget-done"),
            texts("forget-done.detail", rows=rows, photos=photos),
            paragraphs=(texts("forget-honest"),),
        )
        return Reply((card,), Place.EDIT, is_private=True)

    async def _lang(self, argument: str, resident: Resident, texts: Texts) -> Reply:
        chosen = known_language(argument) or next(
            (each for each in LANGUAGES if texts(f"language-{each}").casefold() == argument.casefold()), None
        )
        if chosen is not None:
            reply = await self.set_language(chosen, resident)
            return Reply(reply.cards)
        buttons = tuple(Button(texts(f"language-{each}"), SetLanguage(each)) for each in LANGUAGES)
        return Reply((Card(CardKind.SETTINGS, texts("language-which"), buttons=buttons),))

    async def _region(self, argument: str, resident: Resident, writer: CardWriter) -> Reply:
        texts = writer.texts
        places = tuple(every(regions(self._guides, texts)))
        wanted = argument.casefold()
        chosen = next((each for each in places if wanted and wanted in {each.id, each.name.casefold()}), None)
        if chosen is not None:
            return Reply((await self.set_region(chosen.id, resident, writer)).cards)
        here = next((each.name for each in places if each.id == resident.region), resident.region)
        buttons = tuple(Button(each.name, SetRegion(each.id)) for each in places)
        card = Card(CardKind.SETTINGS, texts("region-which"), texts("region-which.detail", place=here), buttons=buttons)
        return Reply((card,))

    async def _consent(self, resident: Resident, texts: Texts) -> Reply:
        if not self._keeper.is_possible_for(resident):
            return Reply((Card(CardKind.INFO, texts("consent-never"), texts("consent-never.detail")),), is_private=True)
        consent = await self._keeper.consent_of(resident)
        agreed = consent.state is ConsentState.GIVEN and consent.version == self._options.consent_version
        card = Card(
            CardKind.CONSENT,
            texts("consent-question"),
            texts("consent-question.detail"),
            paragraphs=(texts("consent-now-yes" if agreed else "consent-now-no"),),
            buttons=self._keeper.answers(texts),
        )
        return Reply((card,), is_private=True)

    async def _my_data(self, resident: Resident, writer: CardWriter) -> Reply:
        if self._memory is None or not resident.user_key:
            card = Card(CardKind.INFO, writer.texts("mydata"), writer.texts("mydata-nothing"))
        else:
            data = await self._memory.my_data(resident.user_key)
            card = my_data_card(data, await self._keeper.count_of(resident), writer)
        return Reply((card,), is_private=True)

    async def _ask_forget(self, resident: Resident, texts: Texts) -> Reply:
        queries = photos = 0
        if self._memory is not None and resident.user_key:
            queries = len((await self._memory.my_data(resident.user_key)).queries)
            photos = await self._keeper.count_of(resident)
        card = Card(
            CardKind.CONFIRM,
            texts("forget-sure"),
            texts("forget-sure.detail", queries=queries, photos=photos),
            buttons=(Button(texts("forget-yes"), Forget(True)), Button(texts("forget-no"), Forget(False))),
        )
        return Reply((card,), is_private=True)

    async def _report(self, argument: str, resident: Resident, texts: Texts) -> Reply:
        contact = (texts("contact", address=self._options.contact),) if self._options.contact else ()
        if not argument or self._memory is None:
            card = Card(CardKind.INFO, texts("report-how"), texts("report-how.detail"), paragraphs=contact)
            return Reply((card,), is_private=True)
        number = await self._memory.reports.add(
            resident.user_key, resident.platform.value, None, argument[:LONGEST_REPORT]
        )
        card = Card(CardKind.THANKS, texts("report-thanks"), texts("thanks.receipt", number=number), paragraphs=contact)
        return Reply((card,), is_private=True)

    async def _stats(self, writer: CardWriter) -> Reply:
        if self._memory is None:
            return Reply((Card(CardKind.INFO, writer.texts("stats"), writer.texts("mydata-nothing")),))
        since = datetime.now(UTC) - timedelta(days=_STATISTICS_DAYS)
        figures = await self._memory.queries.statistics(since)
        precision = await self._memory.labels.precision()
        return Reply((statistics_card(figures, _STATISTICS_DAYS, writer, precision),))


def _in_private_only(texts: Texts) -> Reply:
    """What is said where others read along."""
    return Reply((Card(CardKind.INFO, texts("only-private"), texts("only-private.detail")),), is_private=True)
