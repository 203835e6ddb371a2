// What was understood -> chips that can be taken away again.

import { say } from "./words.js";

const CROSS = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m7 7 10 10M17 7 7 17"/></svg>';
const TEXTS = {
  negative: (part) => say("not", part), "not-exact": (part) => say("not", { text: say("exact", part) }),
  exact: (part) => say("exact", part), after: (part) => say("from", part), before: (part) => say("until", part),
  rating: (part) => say("stars", part), favourite: () => say("favourites"),
  weighted: (part) => `${part.text} × ${part.weight}`,
};

/** Fill the row. `likeness`: {text, picture} of what photos should look like, or null. */
export function showChips(row, parts, likeness, { onWords, onLikeness }) {
  const chips = [];
  if (likeness) chips.push(chip(likeness.text, onLikeness, likeness.picture));
  for (const part of parts) {
    if (part.kind === "words" && parts.length === 1) continue; // the box says it already
    const text = (TEXTS[part.kind] ?? ((one) => one.text))(part);
    chips.push(chip(text, () => onWords(part.without)));
  }
  row.replaceChildren(...chips);
  row.hidden = chips.length === 0;
}

function chip(text, onRemove, picture = "") {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chip";
  button.setAttribute("aria-label", say("remove", { text }));
  if (picture) {
    const image = document.createElement("img");
    image.src = picture;
    image.alt = "";
    button.append(image);
  }
  const label = document.createElement("span");
  label.textContent = text;
  button.append(label);
  button.insertAdjacentHTML("beforeend", CROSS);
  button.addEventListener("click", onRemove);
  return button;
}
