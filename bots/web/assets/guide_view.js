// A guide as the page shows it: where it goes, the steps, what depends on its state; the rest unfolds.

import { icon, make } from "./dom.js";
import { say } from "./texts.js";

const ALWAYS_OPEN = new Set(["hazards", "steps", "condition", "becomes"]);

export function guideView(guide, buttonFor) {
  const open = guide.sections.filter((section) => ALWAYS_OPEN.has(section.kind));
  const folded = guide.sections.filter((section) => !ALWAYS_OPEN.has(section.kind));
  return make("section", { class: "guide" },
    make("h4", { class: "guide-title", tabindex: "-1" }, say("guide"), " ",
      guide.place && make("span", { class: "place" }, guide.place)),
    guide.place_note && make("p", { class: "place-note" }, guide.place_note),
    make("div", { class: "stream" },
      icon("recycle"),
      make("p", {},
        make("span", { class: "stream-heading" }, guide.stream_heading),
        make("strong", {}, guide.stream),
        guide.stream_note && make("span", { class: "stream-note" }, guide.stream_note))),
    make("p", { class: "summary" }, guide.summary),
    open.map((section) => openSection(section, buttonFor)),
    folded.length > 0 && make("div", { class: "folds" }, folded.map((section) => fold(section, buttonFor))));
}

function openSection(section, buttonFor) {
  return make("div", { class: `part part-${section.kind}` },
    make("h5", {}, section.kind === "becomes" && icon("recycle"), section.heading),
    body(section, buttonFor));
}

function fold(section, buttonFor) {
  return make("details", { class: `fold fold-${section.kind}` },
    make("summary", {}, section.heading),
    body(section, buttonFor));
}

function body({ kind, items }, buttonFor) {
  if (kind === "steps") return make("ol", { class: "steps" }, items.map((item) => make("li", {}, item.text)));
  if (kind === "becomes") return make("ul", { class: "plain" }, items.map((item) => make("li", {}, item.text)));
  if (kind === "condition") return condition(items, buttonFor);
  if (kind === "mistakes") return make("ul", { class: "plain" }, items.map(mistake));
  return make("ul", { class: `plain terms ${kind}` }, items.map((item) => entry(item, kind, buttonFor)));
}

/** A question: pressing an answer shows what holds then. The words stay hidden until asked for: few apply. */
function condition(items, buttonFor) {
  const shown = make("div", { class: "condition-answer", "aria-live": "polite" });
  const answers = items.map((item) => make("button", {
    type: "button",
    class: "button small",
    "aria-pressed": "false",
    onclick: (event) => {
      for (const each of answers) each.setAttribute("aria-pressed", String(each === event.currentTarget));
      shown.replaceChildren(make("p", {}, item.text), item.button ? buttonFor(item.button, "small") : "");
    },
  }, item.term));
  return [make("div", { class: "condition-choices" }, answers), shown];
}

function mistake(item) {
  return make("li", { class: "entry" },
    make("s", { class: "wrong" }, item.term),
    make("span", {}, make("b", { class: "instead" }, item.note), " ", item.text));
}

function entry(item, kind, buttonFor) {
  const phone = kind === "contacts" && item.note;
  return make("li", { class: "entry", "data-tone": item.tone },
    item.term && make("b", { class: "term" }, item.term),
    item.note && (phone
      ? make("a", { class: "note", href: `tel:${item.note}` }, item.note)
      : make("span", { class: "note" }, item.note)),
    item.text && make("span", {}, item.text),
    item.button && buttonFor(item.button, "small"));
}
