// The page: the question in the address and the box, answers in the grid. Wiring only.

import * as api from "./api.js";
import { showChips } from "./chips.js";
import { Grid } from "./grid.js";
import { hearPictures } from "./pictures.js";
import { Viewer } from "./viewer.js";
import { number, say, sayAll } from "./words.js";

const DEBOUNCE_MS = 250;
const PAGE = 500;
const MOST = 10_000;
const PHOTOS = "photos";

const element = (id) => document.getElementById(id);
const box = element("box");
const asked = { q: "", id: "", library: PHOTOS, picture: null };
let answer = { total: 0, offset: 0, isWhole: true, good: 0 };
let running = new AbortController();
let isLoadingMore = false;
let offers = { upload_bytes: 32 * 2 ** 20 };
let timer = 0;

const grid = new Grid(element("tiles"), { onOpen: (index) => viewer.open(index), onEnd: () => loadMore() });
const viewer = new Viewer(element("viewer"), grid, { onSimilar: (hit) => ask({ q: "", id: hit.id, picture: null }) });

/** Ask anew. `isKept`: whether the address keeps this question as a step to come back to. */
async function ask(changes, { isKept = true } = {}) {
  clearTimeout(timer);
  Object.assign(asked, changes);
  if (box.value !== asked.q) box.value = asked.q;
  if (isKept) keepAddress();
  running.abort();
  running = new AbortController();
  const { signal } = running;
  if (asked.library !== PHOTOS && !asked.q && !asked.id && !asked.picture) {
    tellHint();
    return;
  }
  element("news").textContent = grid.hits.length ? element("news").textContent : say("loading");
  try {
    const found = await fetchPage(0, signal);
    answer = { total: Math.min(found.total, MOST), offset: found.hits.length, isWhole: found.next === null, good: found.good ?? 0 };
    grid.show(found.hits, answer.isWhole ? found.hits.length : answer.total, answer.good);
    showParts(found.parts);
    tell(found);
  } catch (fault) {
    if (fault.name !== "AbortError") tellFault(fault);
  }
}

async function loadMore() {
  if (isLoadingMore || answer.isWhole) return;
  isLoadingMore = true;
  const { signal } = running;
  try {
    const found = await fetchPage(answer.offset, signal);
    if (answer.good === answer.offset) answer.good += found.good ?? 0;
    answer.offset += PAGE;
    answer.isWhole = found.next === null || !found.hits.length;
    grid.append(found.hits, answer.good);
  } catch (fault) {
    if (fault.name !== "AbortError") answer.isWhole = true;
  } finally {
    isLoadingMore = false;
  }
}

function fetchPage(offset, signal) {
  const question = { q: asked.q, id: asked.id, library: asked.library === PHOTOS ? "" : asked.library, limit: PAGE, offset: offset || "" };
  if (asked.picture) return api.searchByPicture(asked.picture, { ...question, limit: 1000, offset: "" }, signal);
  return api.search(question, signal);
}

function tell(found) {
  const isEmpty = found.hits.length === 0;
  const isBrowsing = !asked.q && !asked.id && !asked.picture;
  const total = number(found.total);
  element("news").classList.remove("fault");
  if (isEmpty) element("news").textContent = isBrowsing ? say("noPhotos") : say("nothing");
  else if (isBrowsing) element("news").textContent = say("newest", { n: total });
  else if (found.good) element("news").textContent = say(found.good === 1 ? "goodOne" : "good", { good: number(found.good), n: total });
  else element("news").textContent = say("found", { n: total });
  element("empty").hidden = !isEmpty;
  element("empty-text").textContent = isBrowsing ? say("noPhotos") : say("nothing");
  element("empty-remedy").textContent = isBrowsing ? say("noPhotosRemedy") : say("nothingRemedy");
  document.title = asked.q ? `${asked.q} – Helios` : "Helios";
}

/** Photos that lie elsewhere have no order of their own: they wait for words. */
function tellHint() {
  grid.show([], 0, 0);
  answer = { total: 0, offset: 0, isWhole: true, good: 0 };
  showParts([]);
  element("news").classList.remove("fault");
  element("news").textContent = "";
  element("empty").hidden = false;
  element("empty-text").textContent = say("hint");
  element("empty-remedy").textContent = "";
}

function tellFault(fault) {
  grid.show([], 0, 0);
  answer = { total: 0, offset: 0, isWhole: true, good: 0 };
  element("news").classList.add("fault");
  element("news").textContent = fault.message || say("away");
  element("empty").hidden = false;
  element("empty-text").textContent = fault.message || say("away");
  element("empty-remedy").textContent = fault.status ? fault.remedy : say("awayRemedy");
}

function showParts(parts) {
  let likeness = null;
  if (asked.picture) likeness = { text: say("likePicture"), picture: asked.address };
  else if (asked.id) likeness = { text: say("likePhoto"), picture: asked.library === PHOTOS ? `/api/photos/${asked.id}/thumbnail` : "" };
  showChips(element("chips"), parts, likeness, {
    onWords: (words) => {
      ask({ q: words });
      box.focus();
    },
    onLikeness: () => {
      ask({ id: "", picture: null });
      box.focus();
    },
  });
}

function keepAddress() {
  const parameters = new URLSearchParams();
  if (asked.q) parameters.set("q", asked.q);
  if (asked.id) parameters.set("id", asked.id);
  if (asked.library !== PHOTOS) parameters.set("library", asked.library);
  const address = parameters.size ? `/?${parameters}` : "/";
  if (address !== window.location.pathname + window.location.search) window.history.pushState(null, "", address);
}

function readAddress() {
  const parameters = new URLSearchParams(window.location.search);
  const [q, id, named, database] = ["q", "id", "library", "db"].map((name) => parameters.get(name) ?? "");
  const library = named || database; // the page of es-clip-image-search said db
  element("library").value = library || PHOTOS;
  return ask({ q, id, library: library || PHOTOS, picture: null }, { isKept: false });
}

function askByPicture(picture) {
  if (picture.size > offers.upload_bytes) {
    tellFault({ message: say("tooLarge", { n: Math.floor(offers.upload_bytes / 2 ** 20) }), status: 413, remedy: "" });
    return;
  }
  if (asked.address) URL.revokeObjectURL(asked.address);
  if (viewer.dialog.open) viewer.dialog.close();
  ask({ id: "", picture, address: URL.createObjectURL(picture) }, { isKept: false });
}

function hearEvents() {
  const events = new EventSource("/api/events");
  events.addEventListener("progress", (event) => {
    const { phase, done, total } = JSON.parse(event.data);
    element("progress").textContent = phase === "indexing" && total ? say("indexing", { done: number(done), total: number(total) }) : "";
  });
  let indexed = null;
  events.addEventListener("library", (event) => {
    const counts = JSON.parse(event.data);
    const isNew = indexed !== null && counts.indexed !== indexed;
    indexed = counts.indexed;
    const isAtTop = window.scrollY < 100 && !viewer.dialog.open && !asked.picture;
    if (isNew && isAtTop && !grid.tiles.contains(document.activeElement)) ask({}, { isKept: false });
  });
}

async function learn() {
  try {
    const told = await api.status();
    offers = told.offers;
    viewer.offers = told.offers;
    showLibraries(told.libraries);
  } catch {
    // the first search says what is wrong
  }
}

function showLibraries(libraries) {
  const choice = element("library");
  const names = [PHOTOS, ...libraries.map((one) => one.name)];
  choice.replaceChildren(...names.map((name) => new Option(name === PHOTOS ? say("own") : name[0].toUpperCase() + name.slice(1), name)));
  choice.value = asked.library;
  choice.hidden = names.length < 2;
}

sayAll();
box.placeholder = say("hint");
box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => ask({ q: box.value }), DEBOUNCE_MS);
});
element("search").addEventListener("submit", (event) => {
  event.preventDefault();
  ask({ q: box.value });
});
box.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" || !grid.hits.length) return;
  event.preventDefault();
  grid.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, select, dialog") || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  box.focus();
  box.select();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  if (grid.hits.length) grid.focus();
  else element("grid").focus();
});
document.querySelector(".brand").addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask({ q: "", id: "", picture: null });
});
element("library").addEventListener("change", () => ask({ library: element("library").value, id: "" }));
hearPictures({ button: element("by-picture"), input: element("picture"), drop: element("drop"), onPicture: askByPicture });
window.addEventListener("popstate", readAddress);
learn();
readAddress().then(hearEvents);
