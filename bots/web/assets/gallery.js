// Example pictures on the buttons that ask for pictures: once the server has made all of them, else none.

import { make } from "./dom.js";
import { gallery } from "./server.js";
import { say } from "./texts.js";

const PATIENCE = 40; // times that pictures which are still being made are asked for again
const PAUSE = 3000; // milliseconds between two of them

/** A function that is called each time the buttons come into view. */
export function setUpGallery({ kinds, note }) {
  let isAsked = false;

  async function show() {
    if (isAsked) return;
    isAsked = true;
    for (let tries = 0; tries < PATIENCE; tries += 1) {
      const found = await gallery().catch(() => null);
      if (!found) break; // no connection: perhaps the next time
      if (!found.is_coming) return hang(found.pictures);
      await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    }
    isAsked = false;
  }

  function hang(pictures) {
    for (const { label, url } of pictures) {
      const button = kinds.querySelector(`[data-label="${label}"]`);
      if (!button) continue;
      const picture = make("img", { src: url, alt: "", width: "512", height: "512", decoding: "async" });
      picture.addEventListener("error", () => picture.remove());
      button.prepend(picture);
      button.append(make("small", {}, say("gallery-made")));
    }
    kinds.classList.toggle("with-pictures", pictures.length > 0);
    note.hidden = pictures.length === 0;
  }

  return show;
}
