// The page's words, in the language in which it was served.

export const setup = JSON.parse(document.getElementById("setup").textContent);

/** The words of a key; `{name}` in them is replaced by what is given under that name. */
export function text(key, holes = {}) {
  return setup.texts[key].replace(/\{(\w+)\}/g, (_, name) => String(holes[name] ?? ""));
}

export function labelName(label) {
  return setup.texts[`label-${label}`] ?? label;
}

export function percent(share) {
  return String(Math.round(share * 100));
}
