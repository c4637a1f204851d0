// The conversations of a filter, the last active first; more of them as one scrolls.
import { get } from "./api.js";
import { fill, h, listed, number, state, time } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, nameOf } from "./people.js";

const PAGE = 30;
const MOST = 100;
const NEAR = 300;
const TURNS = 5;
const KINDS = {
  image: "Photo", video: "Video", audio: "Voice message", document: "Document", sticker: "Sticker",
  location: "Location", contacts: "Contact", template: "Template", reaction: "Reaction",
};

export function list(about, filters, opened) {
  let items = [];
  let next = null;
  let asked = 0;
  let going = false;
  const rows = h("ul", { class: "rows", "aria-label": "Conversations" });
  const below = h("div", { class: "below" });
  rows.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey) return;
    event.preventDefault();
    const all = [...rows.querySelectorAll("a")];
    all[Math.max(0, all.indexOf(document.activeElement) + step)]?.focus();
  });
  new IntersectionObserver(onwards, { rootMargin: `${NEAR}px` }).observe(below);

  /** Where the end of the list is nearly in sight, it goes on. */
  function onwards() {
    const near = below.checkVisibility() && below.getBoundingClientRect().top < innerHeight + NEAR;
    if (near && next && items.length) more();
  }

  /** A page of those that fit; where few do, or pages come with fewer, of several pages. */
  async function page(after, limit, least = 0) {
    const found = [];
    for (let turn = 1; ; turn += 1) {
      const part = await get("/v1/conversations", { ...filters.query(), limit: filters.partial() ? MOST : limit, after }, least);
      found.push(...part.items.filter(filters.fits));
      if (!part.next || found.length >= limit || turn === TURNS) return { items: found, next: part.next };
      after = part.next;
    }
  }

  async function load(least = 0) {
    const mine = ++asked;
    if (!items.length) fill(below, state("Loading…"));
    try {
      const found = await page(null, Math.min(Math.max(PAGE, items.length), MOST), least);
      if (mine !== asked) return;
      const fresh = new Set(found.items.map((item) => item.conversation_id));
      const older = items.length > MOST ? items.slice(MOST).filter((item) => !fresh.has(item.conversation_id)) : [];
      if (!older.length) next = found.next;
      items = [...found.items, ...older];
      render();
      onwards();
    } catch (error) {
      if (mine === asked && !items.length) fill(below, state(error.message, () => load()));
    }
  }

  async function more() {
    if (going) return;
    going = true;
    const mine = asked;
    try {
      const found = await page(next, PAGE);
      if (mine !== asked) return;
      const had = new Set(items.map((item) => item.conversation_id));
      items = [...items, ...found.items.filter((item) => !had.has(item.conversation_id))];
      next = found.next;
      render();
    } catch (error) {
      fill(below, state(error.message, more));
      return;
    } finally {
      going = false;
    }
    onwards();
  }

  function render() {
    for (const item of items) for (const label of item.labels) about.labels.add(label);
    listed(rows, items.map((item) => ({ ...item, current: item.conversation_id === opened() })), (item) => item.conversation_id, row);
    if (next) fill(below, h("button", { type: "button", onclick: more }, "Show more"));
    else if (items.length) fill(below);
    else if (filters.narrowed()) fill(below, state("No conversation is like this."), h("button", { type: "button", onclick: filters.reset }, "Show all that are open"));
    else fill(below, state("Nothing to do. Conversations appear as soon as a customer writes."));
  }

  function row(item) {
    const chips = [
      item.priority === "none" ? null : h("span", { class: `chip ${item.priority}` }, icon("flag"), item.priority),
      item.status === "open" ? null : h("span", { class: `chip ${item.status}` }, item.status),
      item.assignee_id ? h("span", { class: "chip" }, item.assignee_id === about.mine ? "you" : about.userName(item.assignee_id)) : null,
      item.team_id ? h("span", { class: "chip" }, about.teamName(item.team_id)) : null,
      ...item.labels.slice(0, 2).map((label) => h("span", { class: "chip label" }, label)),
      item.labels.length > 2 ? h("span", { class: "chip label" }, `+${item.labels.length - 2}`) : null,
    ].filter(Boolean);
    const said = item.last_snippet || KINDS[item.last_kind] || item.last_kind || "";
    return h("li", {}, h("a", { href: `#conversations/${item.conversation_id}`, "aria-current": item.current ? "true" : null, class: item.unread ? "unread" : "" },
      avatar(nameOf(item)),
      h("span", { class: "name", dir: "auto" }, nameOf(item)),
      time(item.last_at, true),
      h("span", { class: "snippet", dir: "auto" }, item.last_direction === "out" ? h("span", { class: "by" }, "You: ") : null, said),
      item.unread ? h("span", { class: "count" }, number(item.unread), h("span", { class: "unseen" }, " unread")) : null,
      chips.length ? h("span", { class: "chips" }, chips) : null));
  }

  return {
    elements: [rows, below],
    load,
    render,
    find: (id) => items.find((item) => item.conversation_id === id),
    replaced(item) {
      items = items.map((old) => (old.conversation_id === item.conversation_id ? item : old));
      render();
    },
    anew() {
      items = [];
      next = null;
      fill(rows);
      return load();
    },
    /** The conversation that many rows further down, or up. */
    beside(id, step) {
      const at = items.findIndex((item) => item.conversation_id === id);
      return items[Math.min(Math.max(at + step, 0), items.length - 1)]?.conversation_id;
    },
  };
}
