// One question of this visit, a photo or words, and the element in which it and its answer are shown.

import { icon, make } from "./dom.js";
import { say, text } from "./texts.js";

/** An entry that waits for its answer; `urls` are to be revoked when it goes. */
export function makeEntry({ id, photo = null, words = null }) {
  const urls = photo ? [URL.createObjectURL(photo)] : [];
  const banners = make("div", { class: "banners" });
  const head = make("div", { class: "head" });
  const below = make("div", { class: "below" });
  const question = photo ? thumbnail(urls[0]) : asked(words);
  const element = make("article", { class: "card", "aria-labelledby": id },
    banners, make("div", { class: photo ? "top-row" : "top-row words" }, question, head), below);
  return { id, photo, words, urls, banners, head, below, element, pressed: null, turn: 0, sent: null, isSettled: false };
}

function thumbnail(url) {
  const picture = make("img", {
    class: "thumb", src: url, alt: text("photo"), "data-text-alt": "page-photo", width: "320", height: "320",
  });
  picture.addEventListener("error", () => {
    picture.replaceWith(make("div", {
      class: "thumb no-preview", role: "img", "aria-label": text("no-preview"), "data-text-label": "page-no-preview",
    }, icon("photo")));
  });
  return picture;
}

/** The visitor's own words, as in a conversation; a command is no wording of theirs. */
function asked(words) {
  if (words.startsWith("/")) return null;
  return make("p", { class: "asked" }, make("span", { class: "unseen" }, say("asked"), ": "), words);
}
