// What is asked again when the page changes its language or place: what shows something, never what decides something.

const SHOWS = new Set(["guide", "labels", "section", "thing"]);

/** The action that shows the same again: a pick among candidates becomes the guide that it led to; null for none. */
export function replayOf(action) {
  const [verb, , label] = action.split(":");
  if (SHOWS.has(verb)) return action;
  return verb === "pick" ? `guide:${label}` : null;
}

/** Whether words may be sent again unasked: a report would be sent twice. */
export function mayRepeat(words) {
  return !/^\/(report|lang|region|generate)\b/i.test(words);
}
