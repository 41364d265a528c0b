// What is said of the chosen photo: at once on the page, then to the server, and back where it refuses.

import * as server from "./server.js";
import { labelName, text } from "./texts.js";

const PAGE = 24;

export class Review {
  constructor({ tiles, note, previous, next, announce, complain, onChange }) {
    Object.assign(this, { tiles, note, previous, next, announce, complain, onChange });
    this.filters = {};
    this.begin();
    previous.addEventListener("click", () => this.turn(-1));
    next.addEventListener("click", () => this.turn(1));
  }

  /** As somebody finds it who has just come: nothing shown, nothing said. */
  begin() {
    this.done = []; // what can be taken back: {item, before, word}
    this.start([]);
  }

  /** Other photos; what was said of those before can still be taken back. */
  start(items, matching = 0) {
    this.items = items;
    this.matching = matching;
    this.from = 0;
  }

  /** Ask for the photos of these filters. */
  async load(filters) {
    this.filters = filters;
    this.note.textContent = text("queue-loading");
    try {
      const found = await server.queue(filters, 0);
      this.start(found.items, found.matching);
      this.draw();
      this.tiles.choose(0);
    } catch (error) {
      this.note.textContent = "";
      this.complain(error);
    }
  }

  draw() {
    this.tiles.show(this.items.slice(this.from, this.from + PAGE), this.from);
    const shown = Math.min(this.items.length, this.from + PAGE);
    this.note.textContent = this.items.length
      ? text("queue-shown", { count: shown, total: this.matching })
      : text("queue-none");
    this.previous.disabled = this.from === 0;
    this.next.disabled = shown >= this.matching;
  }

  /** To the page before or behind this one; asks for more where there are more. */
  async turn(by) {
    const from = this.from + by * PAGE;
    if (from < 0) return;
    if (from >= this.items.length) {
      if (this.items.length >= this.matching) return;
      // Where only unlabelled photos are asked for, those that got a label are no longer among them.
      const left = this.items.filter((each) => each.state !== "rejected" && !(this.filters.unlabelled && each.state === "labelled"));
      const known = new Set(this.items.map((each) => each.id));
      try {
        const found = await server.queue(this.filters, left.length);
        this.items.push(...found.items.filter((each) => !known.has(each.id)));
      } catch (error) {
        this.complain(error);
        return;
      }
      if (from >= this.items.length) this.matching = this.items.length;
    }
    this.from = from < this.items.length ? from : this.from;
    this.draw();
    this.tiles.choose(0);
  }

  label(label) {
    return this.say({ label }, { label, state: "labelled", rejected: null }, text("said-label", { label: labelName(label) }));
  }

  reject(why) {
    const said = text("said-rejected", { label: text(`reject-${why}`) });
    return this.say({ rejected: why }, { label: "", state: "rejected", rejected: why }, said);
  }

  accept() {
    const item = this.tiles.current();
    return item?.predicted ? this.label(item.predicted) : undefined;
  }

  skip() {
    const item = this.tiles.current();
    if (!item) return;
    if (!item.state) this.change(item, { state: "skipped" });
    this.onward();
  }

  async say(word, after, said) {
    const item = this.tiles.current();
    if (!item) return;
    const before = { label: item.label, state: item.state, rejected: item.rejected };
    this.change(item, after);
    this.announce(said);
    this.onward();
    const entry = { item, before, word: server.say(item.id, word) };
    this.done.push(entry);
    try {
      await entry.word;
      this.onChange();
    } catch (error) {
      // Whoever took it back meanwhile has it off the list already.
      const place = this.done.indexOf(entry);
      if (place >= 0) this.done.splice(place, 1);
      this.change(item, before);
      this.complain(error);
    }
  }

  async undo() {
    const entry = this.done.pop();
    if (!entry) {
      this.announce(text("said-nothing"));
      return;
    }
    try {
      await server.takeBack(await entry.word);
    } catch (error) {
      this.complain(error);
      return;
    }
    this.announce(text("said-undone"));
    this.onChange();
    // Since then other photos may have been asked for: it is another item then, or none.
    const place = this.items.findIndex((each) => each.id === entry.item.id);
    if (place < 0) return;
    this.change(this.items[place], entry.before);
    if (place < this.from || place >= this.from + PAGE) {
      this.from = Math.floor(place / PAGE) * PAGE;
      this.draw();
    }
    this.tiles.choose(place - this.from);
  }

  change(item, values) {
    Object.assign(item, values);
    this.tiles.refresh(item);
  }

  onward() {
    if (!this.tiles.step(1)) this.turn(1);
  }
}
