// How far the reviewing is, and how often the model is right.

import { make } from "/static/dom.js";
import { labelName, percent, text } from "./texts.js";

const byId = (id) => document.getElementById(id);

export function showFigures(found) {
  byId("counts").replaceChildren(...["kept", "labelled", "left", "rejected"].map((name) => make("span", { "data-count": name },
    make("strong", {}, String(found[name])), ` ${text(`count-${name}`)}`)));
  byId("targets").replaceChildren(...Object.entries(found.by_label).map(([label, count]) => target(label, count, found.target)));
  byId("live").textContent = text("figures-live", { name: found.model || text("figures-unknown") });
  byId("no-precision").hidden = found.precision.length > 0;
  byId("precision-frame").hidden = found.precision.length === 0;
  byId("precision").replaceChildren(...found.precision.map(row));
  byId("changes").replaceChildren(...changes(found.changes));
}

function target(label, count, of) {
  const bar = make("progress", { max: String(of), value: String(Math.min(count, of)), "aria-label": labelName(label) });
  return make("li", { "data-label": label },
    make("span", {}, labelName(label)), bar, make("span", {}, text("figures-target", { count, total: of })));
}

function row(each) {
  return make("tr", {},
    make("td", {}, each.model),
    make("th", { scope: "row" }, labelName(each.label)),
    make("td", {}, text("figures-right", { count: each.right, total: each.photos, percent: percent(each.precision) })),
    make("td", {}, random(each)));
}

function random(each) {
  if (!each.random) return text("figures-no-random");
  const [low, high] = each.random_interval.map(percent);
  const share = percent(each.random_precision);
  return text("figures-random", { count: each.random_right, total: each.random, percent: share, low, high });
}

function changes(found) {
  if (!found.length) return [make("li", {}, text("figures-no-changes"))];
  return found.map((each) => make("li", {}, `${each.at.slice(0, 10)} · ${each.title} · ${each.why}`));
}
