// Puts the admin page together.

import { make } from "/static/dom.js";
import { setUpExport } from "./export.js";
import { showFigures } from "./figures.js";
import { filtersOf, setUpFilters } from "./filters.js";
import { setUpKeys } from "./keys.js";
import { Review } from "./review.js";
import * as server from "./server.js";
import { labelName, setup, text } from "./texts.js";
import { largePhoto, Tiles } from "./tiles.js";

const A_YEAR = 365 * 24 * 60 * 60;
const A_MOMENT = 250;
const FIGURES_EVERY = 15_000;
const byId = (id) => document.getElementById(id);

const tiles = new Tiles({ list: byId("tiles"), onChoose: showChosen, whyNot });
const review = new Review({
  tiles,
  note: byId("queue-note"),
  previous: byId("previous"),
  next: byId("next"),
  announce,
  complain,
  onChange: renewFigures,
});
const acts = {
  accept: () => review.accept(),
  skip: () => review.skip(),
  reject: () => openDialog("reject"),
  undo: () => review.undo(),
  close: () => {
    if (!tiles.current()) return;
    byId("large-photo").replaceChildren(largePhoto(tiles.current()));
    openDialog("large");
  },
};

byId("labels").append(...setup.labels.map(({ label, key }) => make("button", {
  type: "button", class: "button small", "data-label": label, "aria-keyshortcuts": key, onclick: () => review.label(label),
}, make("kbd", {}, key), labelName(label))));
byId("reasons").append(...setup.rejections.map((why, place) => make("button", {
  type: "button", class: "button small", "data-why": why, onclick: () => rejectAs(why),
}, make("kbd", {}, String(place + 1)), text(`reject-${why}`))));
for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => acts[button.dataset.act]());
}
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("close", () => tiles.choose(tiles.chosen));
}
byId("reject").addEventListener("keydown", (event) => {
  const why = setup.rejections[Number(event.key) - 1];
  if (why) rejectAs(why);
});
setUpKeys({ list: byId("tiles"), tiles, review, acts });
setUpFilters(byId("filter-form"), (filters) => review.load(filters));
setUpExport({
  form: byId("export-form"),
  note: byId("export-note"),
  problem: byId("export-problem"),
  filters: () => filtersOf(byId("filter-form")),
  onSignedOut: complain,
});

byId("login-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = byId("token").value.trim();
  byId("token").value = "";
  if (!given) return;
  try {
    begin(await server.signIn(given));
  } catch (error) {
    showLogin(error.message);
  }
});
byId("logout").addEventListener("click", async () => {
  await server.signOut().catch(() => {});
  showLogin();
});
for (const link of document.querySelectorAll("[data-language]")) {
  if (link.dataset.language === setup.language) link.setAttribute("aria-current", "true");
  link.addEventListener("click", () => {
    document.cookie = `bunri-language=${link.dataset.language}; path=/; max-age=${A_YEAR}; SameSite=Lax`;
  });
}

try {
  const person = await server.me();
  if (person.name) begin(person);
  else showLogin();
} catch (error) {
  showLogin(error.message);
}
document.documentElement.dataset.ready = "true";

function begin(person) {
  byId("login").hidden = true;
  byId("login-problem").hidden = true;
  byId("work").hidden = false;
  byId("person").hidden = false;
  byId("name").textContent = text("signed-in", { name: person.name });
  byId("export-form").hidden = !person.may_export;
  byId("export-denied").hidden = person.may_export;
  byId("queue-problem").hidden = true;
  review.load(filtersOf(byId("filter-form")));
  renewFigures();
}

/** Nothing of what was shown stays on the page. */
function showLogin(problem = "") {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  byId("large-photo").replaceChildren();
  review.begin();
  tiles.show([], 0);
  byId("work").hidden = true;
  byId("person").hidden = true;
  byId("login").hidden = false;
  byId("login-problem").textContent = problem;
  byId("login-problem").hidden = problem === "";
  byId("token").focus();
}

function complain(error) {
  if (error.code === "signed_out") {
    showLogin(error.message);
    return;
  }
  byId("queue-problem").textContent = error.message;
  byId("queue-problem").hidden = false;
}

/** Why a photo is not shown, in words. */
async function whyNot(id) {
  try {
    await server.photo(id);
  } catch (error) {
    if (error.code === "signed_out") complain(error);
    return error.code === "not_found" ? text("tile-gone") : error.message;
  }
  return text("problem-network"); // it is there by now: the way to it was not
}

function announce(words) {
  byId("queue-problem").hidden = true;
  byId("announcer").replaceChildren(make("p", {}, words));
}

let renewal = null;
let renewed = -Infinity;

/** A moment later, and not again for a while: the server counts all labels for it, and hands are quick. */
function renewFigures() {
  const wait = Math.max(A_MOMENT, renewed + FIGURES_EVERY - performance.now());
  renewal ??= setTimeout(async () => {
    renewal = null;
    renewed = performance.now();
    try {
      showFigures(await server.figures());
    } catch (error) {
      complain(error);
    }
  }, wait);
}

function showChosen(item) {
  for (const button of byId("labels").children) {
    button.setAttribute("aria-pressed", String(button.dataset.label === item.label));
  }
}

function openDialog(id) {
  if (tiles.current()) byId(id).showModal();
}

function rejectAs(why) {
  byId("reject").close();
  review.reject(why);
}
