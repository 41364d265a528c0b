// Puts the page together.

import { setUpCamera } from "./camera.js";
import { make } from "./dom.js";
import { setUpGallery } from "./gallery.js";
import { setUpIntake } from "./intake.js";
import { Results } from "./results.js";
import { goTo, setUp } from "./server.js";
import { setUpTabs } from "./tabs.js";
import { text, useTexts } from "./texts.js";
import { setUpWords } from "./words.js";

const ANNOUNCEMENTS = 10;
const A_YEAR = 365 * 24 * 60 * 60;
const byId = (id) => document.getElementById(id);

/** Says something to screen readers; several photos may be answered before they get to speak. */
function announce(words) {
  const announcer = byId("announcer");
  announcer.append(make("p", {}, words));
  while (announcer.childElementCount > ANNOUNCEMENTS) announcer.firstElementChild.remove();
}

const region = byId("region");
const results = new Results({ section: byId("results"), list: byId("cards"), announce, onChoice: follow });
const camera = setUpCamera({
  stage: byId("camera"),
  onPhoto: (photo) => take([photo]),
  announce: (key) => announce(text(key)),
});
const showGallery = setUpGallery({ kinds: document.querySelector(".kinds"), note: byId("gallery-note") });
setUpTabs(document.querySelector("[role=tablist]"), (tab) => {
  if (tab !== "tab-camera") camera.stop();
  if (tab === "tab-generate") showGallery();
});
setUpWords({
  form: byId("words"),
  commands: document.querySelectorAll("[data-command]"),
  onWords: (words) => results.ask(words),
});
setUpIntake({ input: byId("files"), button: byId("choose"), zone: byId("drop"), onPhotos: take });

byId("clear").addEventListener("click", () => {
  results.clear();
  document.querySelector("[role=tab][aria-selected=true]").focus();
});
for (const link of document.querySelectorAll("[data-language]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    speak(link.dataset.language);
  });
}

goTo(region.value);
region.addEventListener("change", () => settle(region.value));

let limits = null;
await begin(document.documentElement.lang).catch(() => {
  // The first photo will try again and say what is wrong.
});
document.documentElement.dataset.ready = "true";
showShared();

/** The address of a picture, shared by somebody: `?generate=paper&seed=77`. */
function showShared() {
  const address = new URL(location.href);
  const label = address.searchParams.get("generate");
  if (!label) return;
  const seed = address.searchParams.get("seed") ?? "";
  for (const name of ["generate", "seed"]) address.searchParams.delete(name);
  history.replaceState(null, "", address);
  if (/^[a-z-]{1,20}$/.test(label) && /^\d{0,10}$/.test(seed)) results.ask(`/generate ${label} 1 ${seed}`.trim());
}

async function begin(language) {
  const setup = await setUp(language);
  limits = setup.limits;
  useTexts(setup.language, setup.texts);
}

async function speak(language) {
  await begin(language);
  remember("language", language);
  results.askAgain();
}

/** From now on by the rules of this place. */
function settle(place) {
  goTo(place);
  remember("region", place);
  results.askAgain();
}

/** What was chosen in an answer holds for the page as well. */
async function follow({ language, region: place }) {
  if (language && language !== document.documentElement.lang) await speak(language).catch(() => {});
  if (!place || place === region.value) return;
  region.value = place;
  settle(place);
}

/** For the next visit; the address stops saying otherwise. */
function remember(choice, value) {
  document.cookie = `bunri-${choice}=${value}; path=/; max-age=${A_YEAR}; SameSite=Lax`;
  const address = new URL(location.href);
  address.searchParams.delete(choice);
  history.replaceState(null, "", address);
}

function take(photos) {
  const most = limits?.photos ?? photos.length;
  results.add(photos.slice(0, most));
  const tooMany = byId("too-many");
  tooMany.hidden = photos.length <= most;
}
