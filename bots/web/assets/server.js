// Talks to the server: one set-up at the start, then photos, words and presses.

/** The server answered, but not with cards: its words say why. */
export class Refused extends Error {
  constructor(message, retryAfter) {
    super(message);
    this.retryAfter = retryAfter; // seconds, or null where waiting does not help
  }
}

let setup = null;
let place = "";

/** Whose rules the answers follow from now on; the server knows which places there are. */
export function goTo(region) {
  place = region;
}

/** Session token, limits, texts and the card for a photo that is too big. Asked once a language. */
export function setUp(language) {
  const query = language ? `?language=${language}` : "";
  setup = fetch(`/api/setup${query}`).then((answer) => {
    if (!answer.ok) throw new TypeError(`setup: ${answer.status}`);
    return answer.json();
  });
  setup.catch(() => { setup = null; });
  return setup;
}

export function current() {
  return setup ?? setUp(document.documentElement.lang);
}

export async function classify(photo) {
  const form = new FormData();
  form.append("photo", photo, "photo");
  return answerOf(await post("/api/classify", form));
}

export async function press(action) {
  return answerOf(await post("/api/press", JSON.stringify({ action })));
}

export async function ask(words) {
  return answerOf(await post("/api/ask", JSON.stringify({ text: words })));
}

/** The example pictures: `{pictures: [{label, seed, url}], is_coming}`. */
export async function gallery() {
  const answer = await fetch("/api/gallery");
  if (!answer.ok) throw new TypeError(`gallery: ${answer.status}`);
  return answer.json();
}

async function post(path, body) {
  let answer = await postOnce(path, body);
  if (answer.status === 403) {
    // The session ended with the browser's cookie: get another, once.
    setup = null;
    answer = await postOnce(path, body);
  }
  return answer;
}

async function postOnce(path, body) {
  const { token, language } = await current();
  const headers = { "X-Bunri-Token": token };
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  return fetch(`${path}?${new URLSearchParams({ language, region: place })}`, { method: "POST", body, headers });
}

/** Cards, where they go, a few words for the live region, pictures; perhaps a language or a place to follow. */
async function answerOf(answer) {
  const body = await answer.json().catch(() => { throw new TypeError(`no JSON: ${answer.status}`); });
  if (!answer.ok) throw new Refused(body.message, secondsOf(answer));
  return body;
}

function secondsOf(answer) {
  const header = answer.headers.get("Retry-After") ?? "";
  return /^\d+$/.test(header) ? Number(header) : null;
}
