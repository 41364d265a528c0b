// The gallery: one page of photos, one of them chosen. Knows no server.

import { make } from "/static/dom.js";
import { labelName, percent, text } from "./texts.js";

const photoAddress = (id, large = false) => `/admin/photos/${encodeURIComponent(id)}${large ? "?large=1" : ""}`;

/** The photo in full width. */
export function largePhoto(item) {
  return make("img", { src: photoAddress(item.id, true), alt: guess(item) });
}

export class Tiles {
  constructor({ list, onChoose, whyNot }) {
    this.list = list;
    this.onChoose = onChoose;
    this.whyNot = whyNot;
    this.items = [];
    this.first = 0;
    this.chosen = -1;
    list.addEventListener("click", (event) => {
      const tile = event.target.closest(".tile");
      if (tile) this.choose([...this.buttons()].indexOf(tile));
    });
  }

  buttons() {
    return this.list.querySelectorAll(".tile");
  }

  /** Show these items; `first` is the number of the first of them among all. */
  show(items, first) {
    this.items = items;
    this.first = first;
    this.list.replaceChildren(...items.map((item, place) => make("li", {}, this.tile(item, place))));
    this.chosen = -1;
    if (items.length) this.choose(0, { focus: false });
  }

  current() {
    return this.items[this.chosen] ?? null;
  }

  choose(place, { focus = true } = {}) {
    if (place < 0 || place >= this.items.length) return false;
    const buttons = this.buttons();
    buttons[this.chosen]?.removeAttribute("aria-current");
    buttons[this.chosen]?.setAttribute("tabindex", "-1");
    this.chosen = place;
    buttons[place].setAttribute("aria-current", "true");
    buttons[place].setAttribute("tabindex", "0");
    if (focus) buttons[place].focus();
    this.onChoose(this.items[place]);
    return true;
  }

  /** Choose the one to the left or right (-1, 1); False at the end. */
  step(by) {
    return this.choose(this.chosen + by);
  }

  /** Choose the one above or below. */
  climb(by) {
    const buttons = [...this.buttons()];
    const row = buttons[this.chosen]?.offsetTop;
    const columns = buttons.filter((each) => each.offsetTop === row).length;
    return this.choose(this.chosen + by * Math.max(1, columns));
  }

  /** Write down anew what is known of an item, if it is shown. */
  refresh(item) {
    const place = this.items.indexOf(item);
    if (place < 0) return;
    const tile = this.buttons()[place];
    tile.dataset.state = item.state ?? "";
    tile.querySelector(".known").textContent = known(item);
  }

  tile(item, place) {
    const picture = make("img", { src: photoAddress(item.id), alt: text("tile", { count: this.first + place + 1 }), loading: "lazy", width: "240", height: "240" });
    picture.addEventListener("error", async () => {
      const instead = make("span", { class: "no-photo" });
      picture.replaceWith(instead);
      instead.textContent = await this.whyNot(item.id);
    });
    return make("button", { type: "button", class: "tile", tabindex: "-1", "data-id": item.id, "data-state": item.state ?? "" },
      picture,
      make("span", { class: "guess" }, guess(item)),
      item.resident && make("span", { class: "resident" }, text("tile-resident", { label: labelName(item.resident) })),
      make("span", { class: "known" }, known(item)));
  }
}

function guess(item) {
  if (!item.predicted) return text("tile-no-guess");
  return text("tile-guess", { label: labelName(item.predicted), percent: percent(item.score ?? 0) });
}

function known(item) {
  if (item.state === "rejected") return text("tile-rejected", { label: text(`reject-${item.rejected}`) });
  if (item.label) return text("tile-labelled", { label: labelName(item.label) });
  return item.state === "skipped" ? text("tile-skipped") : "";
}
