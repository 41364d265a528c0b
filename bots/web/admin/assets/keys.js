// The keyboard, while a photo of the gallery has the focus; nowhere else, so that no single letter surprises anybody
// (WCAG 2.2, 2.1.4).

import { setup } from "./texts.js";

const LABEL_OF = Object.fromEntries(setup.labels.map(({ label, key }) => [key, label]));

export function setUpKeys({ list, tiles, review, acts }) {
  const moves = {
    ArrowRight: () => tiles.step(1),
    ArrowLeft: () => tiles.step(-1),
    ArrowDown: () => tiles.climb(1),
    ArrowUp: () => tiles.climb(-1),
    Home: () => tiles.choose(0),
    End: () => tiles.choose(tiles.items.length - 1),
    Enter: acts.accept,
    " ": acts.skip,
    x: acts.reject,
    u: acts.undo,
    z: acts.close,
  };
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = LABEL_OF[key] ? () => review.label(LABEL_OF[key]) : moves[key];
    if (!act) return;
    event.preventDefault();
    if (!event.repeat || key.startsWith("Arrow")) act();
  });
}
