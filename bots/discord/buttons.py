"""Buttons and menus. What one does lies in its id, so that a press is understood after any restart."""

import re
from collections.abc import Sequence
from typing import Any, Final, Protocol, Self, cast

import discord

from bots.actions import Forget, action_id
from bots.reply import Button

ROWS: Final = 5
ROW_BUTTONS: Final = 5
MENU_OPTIONS: Final = 25
BUTTON_TEXT: Final = 80
OPTION_TEXT: Final = 100
"""Discord's limits for components."""

MOST_LABEL_BUTTONS: Final = 5
"""More labels than that become one menu, which reads better than three rows of buttons."""


class PressTaker(Protocol):
    """What the client must be for these components to work."""

    async def pressed(self, interaction: discord.Interaction[Any], action: str) -> None:
        """Take a press of the button or entry with this action id."""
        ...


class ActionButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"bunri:(?P<action>.+)"):
    """A button of Bunri's, alive as long as its message."""

    def __init__(self, button: discord.ui.Button[discord.ui.View], action: str) -> None:
        super().__init__(button)
        self.action: Final = action

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Called by discord.py for a press."""
        return cls(cast(discord.ui.Button[discord.ui.View], item), match["action"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Called by discord.py for a press."""
        await cast(PressTaker, interaction.client).pressed(interaction, self.action)


class ActionMenu(discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]], template=r"bunri-menu-(?P<number>[0-9])"):
    """A menu whose entries are actions."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """Called by discord.py for a choice."""
        return cls(cast(discord.ui.Select[discord.ui.View], item))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Called by discord.py for a choice."""
        await cast(PressTaker, interaction.client).pressed(interaction, self.item.values[0])


DYNAMIC_ITEMS: Final = (ActionButton, ActionMenu)
"""To be registered with the client before it connects."""


def view_of(rows: Sequence[Sequence[Button]]) -> discord.ui.View | None:
    """The components of a message, at most five rows; None where there is nothing to press."""
    menu, rest = _without_labels(_distinct(rows))
    view = discord.ui.View(timeout=None)
    if menu:
        view.add_item(_menu(0, 0, menu))
    first = 1 if menu else 0
    lines = _lines(rest, ROWS - first)
    for place, line in enumerate(lines, start=first):
        if len(line) > ROW_BUTTONS:
            view.add_item(_menu(1, place, line))
        else:
            for button in line:
                view.add_item(_button(button, place))
    return view if view.children else None


def _distinct(rows: Sequence[Sequence[Button]]) -> list[list[Button]]:
    """Without repetitions, for Discord refuses a message in which two components have one id."""
    seen: set[str] = set()
    lines: list[list[Button]] = []
    for row in rows:
        line = []
        for button in row:
            name = action_id(button.action)
            if name not in seen:
                seen.add(name)
                line.append(button)
        if line:
            lines.append(line)
    return lines


def _without_labels(rows: list[list[Button]]) -> tuple[list[Button], list[list[Button]]]:
    labels = [button for row in rows for button in row if button.label is not None]
    if len(labels) <= MOST_LABEL_BUTTONS:
        return [], rows
    return labels[:MENU_OPTIONS], [kept for row in rows if (kept := [each for each in row if each.label is None])]


def _lines(rows: list[list[Button]], most: int) -> list[list[Button]]:
    """At most so many rows: as given where they fit, else packed; what is beyond even that, as a menu in the last."""
    if len(rows) <= most and all(len(row) <= ROW_BUTTONS for row in rows):
        return rows
    buttons = [button for row in rows for button in row]
    if len(buttons) <= most * ROW_BUTTONS:
        return [buttons[start : start + ROW_BUTTONS] for start in range(0, len(buttons), ROW_BUTTONS)]
    kept = (most - 1) * ROW_BUTTONS
    lines = [buttons[start : start + ROW_BUTTONS] for start in range(0, kept, ROW_BUTTONS)]
    return [*lines, buttons[kept : kept + MENU_OPTIONS]]


def _button(button: Button, row: int) -> ActionButton:
    action = action_id(button.action)
    is_final = isinstance(button.action, Forget) and button.action.confirmed
    item: discord.ui.Button[discord.ui.View] = discord.ui.Button(
        style=discord.ButtonStyle.danger if is_final else discord.ButtonStyle.secondary,
        label=_short(button.text, BUTTON_TEXT),
        custom_id=f"bunri:{action}",
        row=row,
    )
    return ActionButton(item, action)


def _menu(number: int, row: int, buttons: Sequence[Button]) -> ActionMenu:
    item: discord.ui.Select[discord.ui.View] = discord.ui.Select(
        custom_id=f"bunri-menu-{number}",
        options=[
            discord.SelectOption(label=_short(button.text, OPTION_TEXT), value=action_id(button.action))
            for button in buttons
        ],
        row=row,
    )
    return ActionMenu(item)


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
