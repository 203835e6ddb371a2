// Hits -> tiles on the page. Only what is near the window exists as elements, so that 10,000 photos scroll like ten.

import { justified, ratioOf, rowsBetween } from "./layout.js";
import { say } from "./words.js";

const AHEAD_SCREENS = 1.5;
const MORE_SCREENS = 4;
const HEADING_PX = 48;
const HEART = "M12 20s-7-4.4-9-8.6C1.6 8.3 3.4 5 6.6 5c2.2 0 3.9 1.2 5.4 3.2C13.5 6.2 15.2 5 17.4 5c3.2 0 5 3.3 3.6 6.4C19 15.6 12 20 12 20z";

export class Grid {
  /** `onOpen(index)`: a tile was chosen; `onEnd()`: the end is near, more hits are wanted. */
  constructor(tiles, { onOpen, onEnd }) {
    this.tiles = tiles;
    this.onOpen = onOpen;
    this.onEnd = onEnd;
    this.hits = [];
    this.total = 0;
    this.good = 0;
    this.active = 0;
    this.shown = new Map();
    this.laidOut = justified([], { width: 1, target: 1, gap: 0 });
    this.waiting = false;
    this.width = 0;
    window.addEventListener("scroll", () => this.paintSoon(), { passive: true });
    new ResizeObserver(() => {
      if (tiles.clientWidth !== this.width) this.layOut();
    }).observe(tiles);
    tiles.addEventListener("keydown", (event) => this.onKey(event));
    tiles.addEventListener("click", (event) => {
      const tile = event.target.closest("button");
      if (tile) this.onOpen(Number(tile.parentElement.dataset.index));
    });
    tiles.addEventListener("focusin", (event) => {
      const tile = event.target.closest(".tile");
      if (tile) this.activate(Number(tile.dataset.index));
    });
  }

  /** Show other hits from the top. `good`: how many of the first ones are good answers; 0 where nothing divides them. */
  show(hits, total, good) {
    this.clear();
    this.hits = hits;
    this.total = total;
    this.good = good;
    this.active = 0;
    window.scrollTo(0, 0);
    this.layOut();
  }

  /** Add the hits of the next page. */
  append(hits, good) {
    this.hits = this.hits.concat(hits);
    this.good = good;
    this.layOut();
  }

  clear() {
    for (const tile of this.shown.values()) tile.remove();
    this.shown.clear();
    this.tiles.querySelector(".rest")?.remove();
  }

  layOut() {
    const width = this.tiles.clientWidth;
    this.width = width;
    if (!width) return;
    const gap = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--gap")) || 4;
    const target = Math.min(Math.max(width / 6, 118), 360);
    const split = this.good > 0 && this.good < this.hits.length ? this.good : -1;
    this.laidOut = justified(this.hits.map(ratioOf), { width, target, gap, split, heading: HEADING_PX });
    this.tiles.style.height = `${this.laidOut.height}px`;
    for (const [index, tile] of this.shown) put(tile, this.laidOut.places[index]);
    this.tiles.querySelector(".rest")?.remove();
    if (this.laidOut.headingTop !== null) this.addHeading(this.laidOut.headingTop);
    this.paint();
  }

  addHeading(top) {
    const heading = document.createElement("p");
    heading.className = "rest";
    heading.setAttribute("aria-hidden", "true");
    heading.textContent = say("rest");
    heading.style.top = `${top}px`;
    heading.style.height = `${HEADING_PX}px`;
    this.tiles.append(heading);
  }

  paintSoon() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.paint();
    });
  }

  paint() {
    const screen = window.innerHeight;
    const top = -this.tiles.getBoundingClientRect().top;
    const range = rowsBetween(this.laidOut.rows, top - screen * AHEAD_SCREENS, top + screen * (1 + AHEAD_SCREENS));
    const wanted = new Set();
    if (range) {
      const [first, last] = [this.laidOut.rows[range[0]].first, this.laidOut.rows[range[1]].last];
      for (let index = first; index <= last; index += 1) wanted.add(index);
    }
    if (this.active < this.hits.length) wanted.add(this.active);
    for (const [index, tile] of this.shown) {
      if (wanted.has(index)) continue;
      tile.remove();
      this.shown.delete(index);
    }
    for (const index of [...wanted].sort((a, b) => a - b)) if (!this.shown.has(index)) this.add(index);
    if (this.hits.length < this.total && top + screen * MORE_SCREENS > this.laidOut.height) this.onEnd();
  }

  add(index) {
    const tile = makeTile(this.hits[index], this.laidOut.places[index]);
    tile.dataset.index = index;
    tile.setAttribute("aria-posinset", index + 1);
    tile.setAttribute("aria-setsize", this.total);
    tile.querySelector("button").tabIndex = index === this.active ? 0 : -1;
    let next = null;
    for (const [other, element] of this.shown) {
      if (other > index && (next === null || other < Number(next.dataset.index))) next = element;
    }
    this.tiles.insertBefore(tile, next); // in the order of the hits: that is how it is read out
    this.shown.set(index, tile);
  }

  activate(index) {
    if (index === this.active) return;
    const before = this.shown.get(this.active);
    if (before) before.querySelector("button").tabIndex = -1;
    this.active = index;
    const tile = this.shown.get(index);
    if (tile) tile.querySelector("button").tabIndex = 0;
  }

  /** Put the keyboard on a tile, wherever it is. */
  focus(index = this.active) {
    if (index < 0 || index >= this.hits.length) return;
    this.activate(index);
    const place = this.laidOut.places[index];
    const start = this.tiles.getBoundingClientRect().top + window.scrollY;
    const header = document.querySelector("header").offsetHeight;
    const [above, below] = [start + place.top - header - 8, start + place.top + place.height + 8 - window.innerHeight];
    if (window.scrollY > above) window.scrollTo(0, above);
    else if (window.scrollY < below) window.scrollTo(0, below);
    this.paint();
    this.shown.get(index).querySelector("button").focus({ preventScroll: true });
  }

  /** Show what changed in one hit. */
  renew(index) {
    const tile = this.shown.get(index);
    if (!tile) return;
    tile.remove();
    this.shown.delete(index);
    this.add(index);
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = {
      ArrowRight: () => this.active + 1, ArrowLeft: () => this.active - 1,
      ArrowDown: () => this.beside(1), ArrowUp: () => this.beside(-1),
      PageDown: () => this.beside(4), PageUp: () => this.beside(-4),
      Home: () => 0, End: () => this.hits.length - 1,
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    this.focus(Math.min(Math.max(step(), 0), this.hits.length - 1));
  }

  /** The tile so many rows away whose middle is nearest. */
  beside(count) {
    const place = this.laidOut.places[this.active];
    const row = this.laidOut.rows[Math.min(Math.max(place.row + count, 0), this.laidOut.rows.length - 1)];
    const middle = place.left + place.width / 2;
    let best = row.first;
    let least = Infinity;
    for (let index = row.first; index <= row.last; index += 1) {
      const other = this.laidOut.places[index];
      const distance = Math.abs(other.left + other.width / 2 - middle);
      if (distance < least) [best, least] = [index, distance];
    }
    return best;
  }
}

function put(tile, place) {
  Object.assign(tile.style, { left: `${place.left}px`, top: `${place.top}px`, width: `${place.width}px`, height: `${place.height}px` });
}

function makeTile(hit, place) {
  const tile = document.createElement("div");
  tile.className = "tile";
  tile.setAttribute("role", "listitem");
  put(tile, place);
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", hit.favourite ? `${hit.name}, ${say("favourite")}` : hit.name);
  const picture = document.createElement("img");
  picture.alt = "";
  picture.decoding = "async";
  picture.draggable = false;
  if (hit.url) picture.referrerPolicy = "no-referrer";
  picture.addEventListener("error", () => picture.replaceWith(plate(hit)));
  picture.src = pictureOf(hit, 640);
  const caption = document.createElement("span");
  caption.className = "caption";
  caption.setAttribute("aria-hidden", "true");
  caption.textContent = hit.name;
  button.append(picture, caption);
  tile.append(button);
  if (hit.favourite) tile.append(heart());
  if (isSafe(hit.sourceUrl)) tile.append(sourceLink(hit));
  return tile;
}

/** Where a hit's picture is: our thumbnail, or the picture elsewhere in this width. */
export function pictureOf(hit, width) {
  if (hit.thumbnail) return hit.thumbnail;
  return isSafe(hit.url) ? `${hit.url}?w=${width}` : "";
}

export const isSafe = (address) => typeof address === "string" && address.startsWith("https://");

/** What stands in the place of a picture that does not come. */
export function plate(hit) {
  const element = document.createElement("div");
  element.className = "plate";
  element.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M3 3l18 18"/></svg>';
  const text = document.createElement("span");
  text.textContent = hit.url ? say("offline", { host: new URL(hit.url).host }) : say("notThere");
  element.append(text);
  return element;
}

function heart() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "heart");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", HEART);
  svg.append(path);
  return svg;
}

function sourceLink(hit) {
  const link = document.createElement("a");
  link.className = "source";
  link.href = hit.sourceUrl;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  link.tabIndex = -1;
  link.textContent = say("source");
  link.setAttribute("aria-label", `${say("source")}: ${hit.name}`);
  return link;
}
