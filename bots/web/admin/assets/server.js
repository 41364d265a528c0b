// Talks to the server. What it refuses comes as `Refused`, with words for a person.

import { setup, text } from "./texts.js";

export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

let token = "login";

async function call(path, options = {}) {
  const address = new URL(`/admin/${path}`, location.href);
  address.searchParams.set("language", setup.language);
  let answer;
  try {
    answer = await fetch(address, { ...options, cache: "no-store" });
  } catch {
    throw new Refused("network", text("problem-network"));
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({ error: "network", message: text("problem-network") }));
  throw new Refused(said.error, said.message);
}

function post(path, body) {
  const headers = { "Content-Type": "application/json", "X-Bunri-Token": token };
  return call(`api/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

async function known(answer) {
  const person = await (await answer).json();
  token = person.token ?? token;
  return person;
}

/** Who is signed in: `{name, may_export}`; nothing of nobody. */
export const me = () => known(call("api/me"));

export const signIn = (given) => known(post("login", { token: given }));

export async function signOut() {
  await post("logout", {});
  token = "login";
}

/** `{matching, start, items}`. */
export async function queue(filters, start) {
  const query = new URLSearchParams({ start: String(start) });
  for (const [name, value] of Object.entries(filters)) {
    const key = name === "language" ? "answer_language" : name;
    for (const each of Array.isArray(value) ? value : [value]) query.append(key, String(each));
  }
  return (await call(`api/queue?${query}`)).json();
}

/** What a photo is, or why it is of no use; the number by which it can be taken back. */
export async function say(photo, word) {
  return (await (await post("word", { photo, ...word })).json()).word;
}

export async function takeBack(word) {
  await post("undo", { word });
}

/** Nothing where a photo can be seen: its picture fetches itself, and cannot say why it did not come. */
export async function photo(id) {
  await (await call(`photos/${encodeURIComponent(id)}`)).blob();
}

export async function figures() {
  return (await call("api/figures")).json();
}

/** The zip and its name. */
export async function makeExport(wanted) {
  const answer = await post("export", wanted);
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "bunri.zip";
  return { name, zip: await answer.blob().catch(() => { throw new Refused("network", text("problem-network")); }) };
}
