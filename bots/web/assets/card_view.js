// A card as the page shows it, in the order that the server gives: hazards, answer, how sure, what to do.

import { icon, make } from "./dom.js";
import { guideView } from "./guide_view.js";
import { say } from "./texts.js";

const ICONS = {
  "brown-glass": "bottle",
  "green-glass": "bottle",
  "white-glass": "bottle",
};

/** The parts of a card around its photo: banners before, the answer beside, the rest below. */
export function cardView(card, { id, onPress }) {
  const buttonFor = (button, size) => pressable(button, onPress, size);
  return {
    banners: card.banners.map(banner),
    head: [
      headline(card, id),
      card.detail && make("p", { class: "detail" }, card.detail),
      card.scores.length > 0 && scores(card.scores),
      card.caution && make("p", { class: "caution" }, icon("alert"), card.caution),
      card.notices.map((notice) => make("p", { class: "small-note" }, notice)),
      card.paragraphs.map((paragraph) => make("p", { class: "paragraph" }, paragraph)),
      card.receipt && !card.detail.includes(card.receipt) && receipt(card.receipt),
    ],
    below: [
      card.guide && guideView(card.guide, buttonFor),
      card.buttons.length > 0 && choices(card, buttonFor),
      card.tips.length > 0 && tips(card),
    ],
  };
}

/** A card that answers a press: it has no photo beside it. What its own buttons lead to comes at its end. */
export function answerView(card, options) {
  const { banners, head, below } = cardView({ ...card, receipt: "" }, options); // the question's own card shows it
  return make("div", { class: "followup", "data-kind": card.kind },
    banners, make("div", { class: "followup-head" }, head), below, make("div", { class: "followups" }));
}

function receipt(number) {
  return make("p", { class: "receipt" }, say("receipt"), " ", make("span", { class: "number" }, number));
}

function headline(card, id) {
  const label = card.guide?.label ?? (card.kind === "answer" ? card.scores[0].label : null);
  return make("h3", { id, tabindex: "-1", class: "headline" },
    label && make("span", { class: "label-icon", "data-label": label }, icon(ICONS[label] ?? label)),
    card.headline);
}

function banner(each) {
  return make("div", { class: "banner", "data-tone": each.tone },
    icon("alert"),
    make("div", {},
      make("p", { class: "banner-title" }, each.title),
      each.lines.length > 0 && make("ul", {}, each.lines.map((line) => make("li", {}, line)))));
}

function scores([first, ...others]) {
  return make("div", { class: "scores" },
    make("p", { class: "unseen" }, say("confidence")),
    make("ul", { class: "plain" }, score(first, "first")),
    others.length > 0 && make("p", { class: "others" }, say("others")),
    others.length > 0 && make("ul", { class: "plain" }, others.map((each) => score(each, ""))));
}

function score(each, className) {
  const filled = make("span", { class: "filled" });
  filled.style.setProperty("--share", each.p);
  return make("li", { class: `score ${className}` },
    make("span", { class: "score-name" }, each.name),
    make("span", { class: "bar", "aria-hidden": "true" }, filled),
    make("span", { class: "score-number" }, percent(each.p)));
}

/** Never 100 % and never 0 %: nobody is that sure. */
function percent(p) {
  return `${Math.min(99, Math.max(1, Math.round(p * 100)))}%`;
}

function choices(card, buttonFor) {
  return make("div", { class: `choices choices-${card.kind}`, role: "group", "aria-label": card.headline },
    card.buttons.map((button) => buttonFor(button, "")));
}

function pressable(button, onPress, size) {
  const name = button.label && (ICONS[button.label] ?? button.label);
  return make("button", {
    type: "button",
    class: `button choice ${size}`,
    "data-label": button.label,
    "data-action": button.action,
    onclick: (event) => onPress(button.action, event.currentTarget),
  }, name && icon(name), button.text);
}

function tips(card) {
  return make("div", { class: "tips" },
    make("p", { class: "tips-title" }, card.tips_title),
    make("ul", {}, card.tips.map((tip) => make("li", {}, tip))));
}
