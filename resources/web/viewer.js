// One photo, large, with what is known of it. A modal dialog: the browser keeps the keyboard inside and gives it back.

import * as api from "./api.js";
import { isSafe, pictureOf, plate } from "./grid.js";
import { moment, number, say } from "./words.js";

const SWIPE_PX = 60;

export class Viewer {
  /** `grid` holds the hits; `onSimilar(hit)`: photos like this one are wanted. `offers`: what the server was switched on for. */
  constructor(dialog, grid, { onSimilar }) {
    this.dialog = dialog;
    this.grid = grid;
    this.offers = {};
    this.index = -1;
    this.part = (name) => dialog.querySelector(`#viewer-${name}`);
    this.part("close").addEventListener("click", () => dialog.close());
    this.part("before").addEventListener("click", () => this.move(-1));
    this.part("after").addEventListener("click", () => this.move(1));
    this.part("similar").addEventListener("click", () => {
      const hit = this.hit;
      dialog.close();
      onSimilar(hit);
    });
    this.part("favourite").addEventListener("click", () => this.mark());
    this.part("picture").addEventListener("error", () => this.showPlate());
    dialog.addEventListener("close", () => {
      this.part("picture").removeAttribute("src");
      this.grid.focus(this.index);
    });
    dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.hearSwipes(dialog.querySelector(".stage"));
  }

  get hit() {
    return this.grid.hits[this.index];
  }

  open(index) {
    this.index = index;
    if (!this.dialog.open) this.dialog.showModal();
    this.show();
    this.part("close").focus();
  }

  move(step) {
    const index = this.index + step;
    if (index < 0 || index >= this.grid.hits.length) return;
    this.index = index;
    this.show();
    this.grid.activate(index);
    this.grid.paint();
  }

  async show() {
    const hit = this.hit;
    this.part("name").textContent = hit.name;
    this.part("before").disabled = this.index === 0;
    this.part("after").disabled = this.index === this.grid.hits.length - 1;
    this.showPicture(hit);
    const isOwn = !hit.url && !hit.sourceUrl;
    this.part("similar").hidden = hit.id === "0"; // an index of another program has no numbers of ours
    this.part("favourite").hidden = !(isOwn && this.offers.favourites);
    this.part("favourite").setAttribute("aria-pressed", String(hit.favourite));
    this.part("original").hidden = true;
    this.part("source").hidden = !isSafe(hit.sourceUrl);
    if (isSafe(hit.sourceUrl)) this.part("source").href = hit.sourceUrl;
    this.showFacts([[say("score"), hit.score === null ? null : hit.score.toFixed(3)]]);
    if (!isOwn) return;
    let known;
    try {
      known = await api.photo(hit.id);
    } catch {
      return; // the picture's plate says it
    }
    if (this.hit !== hit) return;
    if (known.original) {
      this.part("original").hidden = false;
      this.part("original").href = known.original;
    }
    this.showFacts(factsOf(known, hit));
  }

  showPicture(hit) {
    const picture = this.part("picture");
    this.part("plate").hidden = true;
    picture.hidden = false;
    picture.alt = hit.name;
    picture.referrerPolicy = "no-referrer";
    if (!hit.thumbnail) {
      picture.src = pictureOf(hit, 1600);
      return;
    }
    picture.src = hit.thumbnail;
    const side = Math.ceil(Math.max(window.innerWidth, window.innerHeight) * Math.min(window.devicePixelRatio, 2));
    const large = new Image();
    large.addEventListener("load", () => {
      if (this.hit === hit && this.dialog.open) picture.src = large.src;
    });
    large.src = `${hit.thumbnail.replace("/thumbnail", "/preview")}&size=${Math.min(side, 4096)}`;
  }

  showPlate() {
    if (!this.dialog.open) return;
    this.part("picture").hidden = true;
    this.part("plate").replaceChildren(...plate(this.hit).childNodes);
    this.part("plate").hidden = false;
  }

  showFacts(facts) {
    const rows = facts.filter(([, value]) => value !== null && value !== "" && value !== undefined);
    this.part("facts").replaceChildren(
      ...rows.flatMap(([name, value]) => {
        const [term, description] = [document.createElement("dt"), document.createElement("dd")];
        term.textContent = name;
        description.textContent = value;
        return [term, description];
      }),
    );
  }

  async mark() {
    const [hit, index] = [this.hit, this.index];
    try {
      hit.favourite = (await api.favourite(hit.id, !hit.favourite)).favourite;
    } catch {
      return; // the button stays as it was
    }
    this.grid.renew(index);
    if (this.hit === hit) this.part("favourite").setAttribute("aria-pressed", String(hit.favourite));
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    this.move(steps[event.key]);
  }

  hearSwipes(stage) {
    let start = null;
    stage.addEventListener("pointerdown", (event) => {
      start = event.pointerType === "touch" && event.isPrimary ? event : null;
    });
    stage.addEventListener("pointerup", (event) => {
      if (!start || event.pointerId !== start.pointerId) return;
      const [across, down] = [event.clientX - start.clientX, event.clientY - start.clientY];
      if (Math.abs(across) > SWIPE_PX && Math.abs(across) > 2 * Math.abs(down)) this.move(across < 0 ? 1 : -1);
      start = null;
    });
  }
}

function factsOf(known, hit) {
  const size = known.width ? `${number(known.width)} × ${number(known.height)}` : null;
  return [
    [say("taken"), known.taken_at && moment(known.taken_at)],
    [say("size"), size],
    [say("file"), [known.format, `${number(Math.max(1, Math.round(known.bytes / 1000)))} kB`].filter(Boolean).join(", ")],
    [say("folder"), known.folder],
    [say("camera"), known.camera],
    [say("lens"), known.lens],
    [say("rating"), known.rating ? "★".repeat(known.rating) : null],
    [say("title"), known.title],
    [say("caption"), known.caption],
    [say("keywords"), known.keywords.join(", ")],
    [say("place"), known.latitude === null ? null : `${known.latitude.toFixed(5)}, ${known.longitude.toFixed(5)}`],
    [say("score"), hit.score === null ? null : hit.score.toFixed(3)],
  ];
}
