// The photos of this visit and what was said to them. Photos live here and nowhere else: gone with the page.

import { answerView, cardView } from "./card_view.js";
import { icon, make } from "./dom.js";
import { fitForSending } from "./photo.js";
import { Refused, classify, current, press } from "./server.js";
import { say, text } from "./texts.js";

const AT_ONCE = 2; // photos on their way at the same time
const RETRY = "retry";
const PATIENCE = 2; // times that a photo waits for its turn by itself, before its card says so
const LONGEST_WAIT = 30; // seconds

export class Results {
  #entries = [];
  #waiting = [];
  #running = 0;
  #count = 0;

  constructor({ section, list, announce }) {
    this.section = section;
    this.list = list;
    this.announce = announce;
  }

  /** Shows a card for each photo at once, in the order given and above older ones, and asks about them. */
  add(photos) {
    const entries = photos.map((photo) => this.#entry(photo));
    this.#entries.unshift(...entries);
    this.list.prepend(...entries.map((entry) => entry.element));
    this.section.hidden = false;
    entries[0].element.scrollIntoView({ block: "nearest", behavior: "smooth" });
    for (const entry of entries) this.#ask(entry);
  }

  clear() {
    for (const entry of this.#entries) if (entry.url) URL.revokeObjectURL(entry.url);
    this.#entries = [];
    this.#waiting = [];
    this.list.replaceChildren();
    this.section.hidden = true;
  }

  /** Asks about every photo again: the answers are written in the page's language, with the rules of its region. */
  askAgain() {
    for (const entry of this.#entries) this.#ask(entry);
  }

  #entry(photo) {
    this.#count += 1;
    const url = URL.createObjectURL(photo);
    const entry = { photo, url, id: `card-${this.#count}`, pressed: null, turn: 0, sent: null };
    entry.banners = make("div", { class: "banners" });
    entry.head = make("div", { class: "head" });
    entry.below = make("div", { class: "below" });
    entry.element = make("article", { class: "card", "aria-labelledby": entry.id },
      entry.banners, make("div", { class: "top-row" }, this.#thumbnail(entry), entry.head), entry.below);
    return entry;
  }

  #thumbnail(entry) {
    const picture = make("img", { class: "thumb", src: entry.url, alt: text("photo"), "data-text-alt": "page-photo", width: "320", height: "320" });
    picture.addEventListener("error", () => {
      picture.replaceWith(make("div", {
        class: "thumb no-preview", role: "img", "aria-label": text("no-preview"), "data-text-label": "page-no-preview",
      }, icon("photo")));
    });
    return picture;
  }

  #ask(entry) {
    entry.turn += 1;
    const turn = entry.turn;
    this.#showLooking(entry);
    this.#waiting.push(async () => {
      if (turn !== entry.turn) return; // asked anew while it waited
      const card = await this.#answer(entry, turn);
      if (!this.#isAwaited(entry, turn)) return;
      this.#show(entry, card);
      const pressed = entry.pressed;
      if (pressed) await this.#press(entry, pressed, null);
    });
    this.#next();
  }

  #next() {
    while (this.#running < AT_ONCE && this.#waiting.length > 0) {
      this.#running += 1;
      this.#waiting.shift()().finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #answer(entry, turn) {
    try {
      const { limits, too_big: tooBig } = await current();
      entry.sent ??= await fitForSending(entry.photo);
      if (entry.sent.size > limits.bytes) return tooBig;
      return await this.#classify(entry, turn);
    } catch (error) {
      return problemCard(error);
    }
  }

  /** Comes back by itself, as late as the server asks, where it is only too busy for now. */
  async #classify(entry, turn) {
    for (let waits = 0; ; waits += 1) {
      try {
        return await classify(entry.sent);
      } catch (error) {
        const seconds = error.retryAfter ?? Infinity;
        if (waits === PATIENCE || seconds > LONGEST_WAIT) throw error;
        entry.head.querySelector(".looking")?.replaceChildren(say("waiting"));
        for (let left = seconds; left > 0; left -= 1) {
          if (!this.#isAwaited(entry, turn)) throw error;
          await new Promise((resolve) => { setTimeout(resolve, 1000); });
        }
        if (!this.#isAwaited(entry, turn)) throw error;
        entry.head.querySelector(".looking")?.replaceChildren(say("looking"));
      }
    }
  }

  /** Whether anybody still wants that answer: the photo is there, and has not been asked about anew. */
  #isAwaited(entry, turn) {
    return turn === entry.turn && this.#entries.includes(entry);
  }

  #showLooking(entry) {
    const hadFocus = entry.element.contains(document.activeElement);
    entry.element.setAttribute("aria-busy", "true");
    entry.banners.replaceChildren();
    entry.below.replaceChildren();
    entry.head.replaceChildren(
      make("h3", { id: entry.id, class: "headline looking", tabindex: "-1" }, say("looking")),
      make("span", { class: "skeleton" }), make("span", { class: "skeleton short" }));
    if (hadFocus) entry.head.querySelector(".headline").focus();
  }

  #show(entry, card) {
    const onPress = (action, button) => this.#press(entry, action, button);
    const { banners, head, below } = cardView(card, { id: entry.id, onPress });
    const hadFocus = entry.element.contains(document.activeElement);
    entry.element.removeAttribute("aria-busy");
    entry.element.dataset.kind = card.kind;
    entry.banners.replaceChildren(...banners);
    entry.head.replaceChildren(...tidy(head));
    entry.followup = make("div", { class: "followups" });
    entry.below.replaceChildren(...tidy(below), entry.followup);
    if (hadFocus) entry.head.querySelector(".headline").focus();
    this.announce([...card.banners.map((each) => each.title), card.headline, card.detail].join(". "));
  }

  async #press(entry, action, button) {
    if (action === RETRY) return this.#ask(entry);
    const turn = entry.turn;
    let card;
    try {
      card = await press(action);
      entry.pressed = action;
    } catch (error) {
      card = { ...problemCard(error), buttons: [] };
    }
    if (turn !== entry.turn) return;
    for (const each of button?.closest(".choices")?.children ?? []) {
      each.setAttribute("aria-pressed", String(each === button));
    }
    const onPress = (next, nextButton) => this.#press(entry, next, nextButton);
    const view = answerView(card, { id: `${entry.id}-answer`, onPress });
    // Choosing from all labels leads on to a guide below them; the labels stay, so that one can change one's mind.
    const holder = button?.closest(".followup[data-kind=labels]");
    if (holder) {
      holder.querySelector(".followup")?.remove();
      holder.append(view);
    } else {
      entry.followup.replaceChildren(view);
    }
    this.announce([card.headline, card.detail].join(". "));
    if (button) view.querySelector(".headline").focus();
  }
}

function problemCard(error) {
  const own = error instanceof Refused;
  if (!own && !(error instanceof TypeError)) throw error;
  return {
    kind: "problem",
    headline: own ? error.message : text("network-title"),
    detail: own ? "" : text("network-help"),
    banners: [], scores: [], caution: "", notices: [], guide: null, tips: [], tips_title: "",
    buttons: [{ text: text("retry"), action: RETRY, label: null }],
  };
}

function tidy(nodes) {
  return nodes.flat().filter(Boolean);
}
