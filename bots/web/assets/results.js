// What was asked on this visit and what was said to it. Photos live here and nowhere else: gone with the page.

import { answerView, cardView } from "./card_view.js";
import { makeEntry } from "./entry.js";
import { make } from "./dom.js";
import { fitForSending } from "./photo.js";
import { pictureView } from "./pictures.js";
import { mayRepeat, replayOf } from "./replay.js";
import { Refused, ask, classify, current, press } from "./server.js";
import { say, text } from "./texts.js";

const AT_ONCE = 2; // questions on their way at the same time
const RETRY = "retry";
const PATIENCE = 2; // times that a question waits for its turn by itself, before its card says so
const LONGEST_WAIT = 30; // seconds

export class Results {
  #entries = [];
  #waiting = [];
  #running = 0;
  #count = 0;

  /** `onChoice` is told of a language or a place that was chosen in an answer. */
  constructor({ section, list, announce, onChoice }) {
    this.section = section;
    this.list = list;
    this.announce = announce;
    this.onChoice = onChoice;
  }

  /** Shows a card for each photo at once, in the order given and above older ones, and asks about them. */
  add(photos) {
    this.#put(photos.map((photo) => this.#entry({ photo })));
  }

  /** Asks in words; a command's answer takes the focus, as it was asked for from far below. */
  ask(words) {
    const entry = this.#entry({ words });
    this.#put([entry]);
    if (words.startsWith("/")) entry.head.querySelector(".headline").focus();
  }

  clear() {
    for (const entry of this.#entries) this.#release(entry);
    this.#entries = [];
    this.#waiting = [];
    this.list.replaceChildren();
    this.section.hidden = true;
  }

  /** Asks everything again: the answers are written in the page's language, with the rules of its region. */
  askAgain() {
    for (const entry of this.#entries) {
      if (!entry.isSettled && (entry.photo || mayRepeat(entry.words))) this.#ask(entry);
    }
  }

  #entry(question) {
    this.#count += 1;
    return makeEntry({ id: `card-${this.#count}`, ...question });
  }

  #put(entries) {
    this.#entries.unshift(...entries);
    this.list.prepend(...entries.map((entry) => entry.element));
    this.section.hidden = false;
    entries[0].element.scrollIntoView({ block: "nearest", behavior: "smooth" });
    for (const entry of entries) this.#ask(entry);
  }

  #remove(entry) {
    this.#release(entry);
    this.#entries = this.#entries.filter((each) => each !== entry);
    entry.element.remove();
    this.section.hidden = this.#entries.length === 0;
  }

  #release(entry) {
    for (const url of entry.urls) URL.revokeObjectURL(url);
  }

  #ask(entry) {
    entry.turn += 1;
    const turn = entry.turn;
    this.#showLooking(entry);
    this.#waiting.push(async () => {
      if (turn !== entry.turn) return; // asked anew while it waited
      const answer = await this.#answer(entry, turn);
      if (!this.#isAwaited(entry, turn)) return;
      this.#show(entry, answer);
      if (entry.pressed) await this.#press(entry, entry.pressed, null);
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
      if (!entry.photo) return await this.#patiently(entry, turn, () => ask(entry.words));
      const { limits, too_big: tooBig } = await current();
      entry.sent ??= await fitForSending(entry.photo);
      if (entry.sent.size > limits.bytes) return only(tooBig);
      return await this.#patiently(entry, turn, () => classify(entry.sent));
    } catch (error) {
      return only(problemCard(error));
    }
  }

  /** Comes back by itself, as late as the server asks, where it is only too busy for now. */
  async #patiently(entry, turn, send) {
    for (let waits = 0; ; waits += 1) {
      try {
        return await send();
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

  /** Whether anybody still wants that answer: the question is there, and has not been asked anew. */
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

  #show(entry, answer) {
    const [card, ...others] = answer.cards;
    if (!card && answer.pictures.length === 0) {
      this.#remove(entry);
      if (answer.toast) this.announce(answer.toast);
      return;
    }
    this.#fill(entry, card ?? bare("pictures", answer.pictures[0].caption), answer, others.filter((each) => each.kind !== "consent"));
    for (const consent of others.filter((each) => each.kind === "consent")) this.#showBeside(entry, consent);
    this.#announce(answer);
    this.#follow(answer);
  }

  /** Puts a card where the question's own stands, and the others below it. */
  #fill(entry, card, answer, others) {
    const hadFocus = entry.element.contains(document.activeElement);
    const { banners, head, below } = cardView(card, { id: entry.id, onPress: this.#presser(entry) });
    entry.element.removeAttribute("aria-busy");
    entry.element.dataset.kind = card.kind;
    // A danger that a photo showed stays, whatever the visitor says that it is.
    if (banners.length > 0 || answer.place !== "edit") entry.banners.replaceChildren(...banners);
    entry.head.replaceChildren(...tidy(head));
    entry.followup = make("div", { class: "followups" });
    entry.below.replaceChildren(...tidy(below), entry.followup, ...this.#views(entry, others, answer.pictures));
    if (hadFocus) entry.head.querySelector(".headline").focus();
  }

  /** The question whether photos may be kept stands on its own, so that no other answer takes its place. */
  #showBeside(entry, card) {
    const beside = this.#entry({ words: "/consent" });
    this.#entries.splice(this.#entries.indexOf(entry) + 1, 0, beside);
    entry.element.after(beside.element);
    this.#fill(beside, card, only(card), []);
  }

  #presser(entry) {
    return (action, button) => this.#press(entry, action, button);
  }

  #views(entry, cards, pictures) {
    const views = cards.map((card) => {
      this.#count += 1;
      return answerView(card, { id: `answer-${this.#count}`, onPress: this.#presser(entry) });
    });
    const shown = pictures.map(pictureView);
    for (const { url } of shown) entry.urls.push(url);
    if (shown.length > 0) views.push(make("div", { class: "pictures" }, ...shown.map(({ view }) => view)));
    return views;
  }

  async #press(entry, action, button) {
    if (action === RETRY) return this.#ask(entry);
    const turn = entry.turn;
    const holder = button?.closest(".followup"); // the pressed card, where it is not the question's own
    let answer;
    try {
      answer = await press(action);
    } catch (error) {
      answer = { ...only({ ...problemCard(error), buttons: [] }), place: "keep_buttons" };
      action = "";
    }
    if (!this.#isAwaited(entry, turn) || holder?.isConnected === false) return;
    const replay = replayOf(action);
    if (replay) entry.pressed = replay;
    if (!replay && answer.place === "edit" && !entry.photo) entry.isSettled = true;
    if (answer.cards.length > 0 || answer.pictures.length > 0) this.#showPressed(entry, answer, holder, button);
    this.#announce(answer);
    this.#follow(answer);
  }

  #showPressed(entry, answer, holder, button) {
    const [card, ...others] = answer.cards;
    if (answer.place === "edit" && !holder && card) {
      this.#fill(entry, card, answer, others);
      if (button) entry.head.querySelector(".headline").focus();
      return;
    }
    const views = this.#views(entry, answer.cards, answer.pictures);
    if (answer.place === "edit" && holder) {
      holder.replaceWith(...views);
    } else {
      for (const each of button?.closest(".choices")?.children ?? []) {
        each.setAttribute("aria-pressed", String(each === button));
      }
      (holder?.querySelector(":scope > .followups") ?? entry.followup).replaceChildren(...views);
    }
    if (button) views[0].querySelector(".headline")?.focus();
  }

  #announce({ cards, toast }) {
    const said = cards.flatMap((card) => [
      ...card.banners.map((each) => each.title), card.headline, card.detail,
      card.kind === "guide" && card.guide?.stream, // asked for by name: where it goes is the answer
    ]);
    const words = [...new Set([toast, ...said])].filter(Boolean);
    if (words.length > 0) this.announce(words.join(". "));
  }

  #follow({ language, region }) {
    if (language || region) this.onChoice({ language, region });
  }
}

function only(card) {
  return { cards: [card], place: "new", toast: "", pictures: [] };
}

function bare(kind, headline) {
  return {
    kind, headline, detail: "", paragraphs: [], banners: [], scores: [], caution: "", notices: [],
    guide: null, buttons: [], tips: [], tips_title: "", receipt: "",
  };
}

function problemCard(error) {
  const own = error instanceof Refused;
  if (!own && !(error instanceof TypeError)) throw error;
  return {
    ...bare("problem", own ? error.message : text("network-title")),
    detail: own ? "" : text("network-help"),
    buttons: [{ text: text("retry"), action: RETRY, label: null }],
  };
}

function tidy(nodes) {
  return nodes.flat().filter(Boolean);
}
