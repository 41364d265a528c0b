"""A Classification as JSON: the same object on the command line, over HTTP and in the log."""

import json

from inference.answer import Classification

_DIGITS = 4


def to_json(answer: Classification) -> dict[str, object]:
    """The answer as values that ``json.dumps`` takes; probabilities rounded to four digits.

    Keys: label, confidence, top [{label, p}], decision, candidates, hazards, waste_score, notices, model.
    """
    return {
        "label": answer.label.value,
        "confidence": round(answer.confidence, _DIGITS),
        "top": [{"label": entry.label.value, "p": round(entry.p, _DIGITS)} for entry in answer.top],
        "decision": answer.decision.value,
        "candidates": [label.value for label in answer.candidates],
        "hazards": [hazard.value for hazard in answer.hazards],
        "waste_score": round(answer.waste_score, _DIGITS),
        "notices": [notice.value for notice in answer.notices],
        "model": answer.model,
    }


def to_line(answer: Classification) -> str:
    """The answer as one line of JSON."""
    return json.dumps(to_json(answer), ensure_ascii=False)
