"""Button ids: short, and the same action comes back."""

import pytest

from bots.actions import Action, ShowGuide, ShowLabels, UnknownActionError, action_id, read_action
from inference.labels import LABELS

ACTIONS: list[Action] = [ShowLabels(), *(ShowGuide(label) for label in LABELS)]


@pytest.mark.parametrize("action", ACTIONS, ids=action_id)
def test_an_action_comes_back_from_its_id(action: Action) -> None:
    assert read_action(action_id(action)) == action


def test_ids_fit_the_64_bytes_of_a_chat_button_and_differ() -> None:
    ids = [action_id(action) for action in ACTIONS]
    assert max(len(each.encode()) for each in ids) <= 64
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("text", ["", "guide", "guide:", "guide:gold", "labels:", "LABELS", "guide:paper:x", "x" * 999])
def test_an_id_that_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(UnknownActionError):
        read_action(text)
