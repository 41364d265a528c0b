// Pictures that Bunri sends: shown, and saved to the visitor's disk.

import { make } from "./dom.js";
import { say } from "./texts.js";

/** A picture with its caption and a link that saves it; `url` is to be revoked when nobody shows it any more. */
export function pictureView({ name, caption, data_url: dataUrl }) {
  const url = URL.createObjectURL(blobOf(dataUrl));
  const link = make("a", { class: "button small", href: url, download: name }, say("save"));
  const view = make("figure", { class: "picture" },
    make("img", { src: url, alt: caption }),
    make("figcaption", {}, make("span", {}, caption), make("span", { class: "actions" }, link, ...shareOf(name))));
  return { view, url };
}

/** A link to this page that makes the same picture again; none for what is not named after a label and a seed. */
function shareOf(name) {
  const parts = /^([a-z-]+)-(\d+)\.\w+$/.exec(name);
  if (!parts) return [];
  const address = new URL(location.pathname, location.origin);
  address.search = new URLSearchParams({ generate: parts[1], seed: parts[2] }).toString();
  return [make("a", { class: "button small quiet", href: address.href }, say("share"))];
}

// A data URL cannot be fetched here: the page may connect to its own server only.
function blobOf(dataUrl) {
  const [head, body] = dataUrl.split(",", 2);
  const bytes = Uint8Array.from(atob(body), (each) => each.charCodeAt(0));
  return new Blob([bytes], { type: head.slice("data:".length).split(";")[0] });
}
