// What was said in a conversation, read from any place in it: older above, newer below.
import { get } from "./api.js";
import { aside } from "./aside.js";
import { announce, dayOf, fill, h, listed, state } from "./dom.js";
import { icon } from "./icons.js";
import { callRow, messageRow, noteRow, pendingRow } from "./message.js";

const PAGE = 40;
const NEAR = 160;
const FAR = 700;
const TOGETHER_MS = 300000;

export function transcript(about, { quote, outbox }) {
  let id = null;
  let visit = {};
  let messages = new Map();
  let notes = null;
  let calls = null;
  let older = null;
  let newer = null;
  let going = false;
  let asked = 0;
  let stuck = true;
  const log = h("ol", { class: "log", role: "log", "aria-live": "off", "aria-label": "Messages", tabindex: "0" });
  const end = h("button", { type: "button", class: "to-end", hidden: true, onclick: () => { log.focus(); if (newer) anew(); else toEnd(); } }, icon("down"), h("span", {}, "Latest"));
  const element = h("div", { class: "said" }, log, end);
  const path = () => `/v1/conversations/${id}/messages`;
  const below = () => log.scrollHeight - log.scrollTop - log.clientHeight;
  log.addEventListener("scroll", () => {
    if (log.scrollTop < NEAR && older) further("after");
    if (below() < NEAR && newer) further("before");
    if (!newer && below() < NEAR) fresh("Latest");
    end.hidden = !newer && below() < FAR;
    stuck = below() < NEAR;
  });
  new ResizeObserver(() => { if (stuck && !newer) toEnd(); }).observe(log);

  function toEnd() { log.scrollTop = log.scrollHeight; }
  function fresh(words) { end.lastChild.textContent = words; }

  function forget(wanted) {
    id = wanted;
    visit = {};
    messages = new Map();
    notes = aside(`/v1/conversations/${id}/notes`, {}, "note_id");
    calls = aside("/v1/calls", { conversation: id }, "call_id");
    older = null;
    newer = null;
    end.hidden = true;
    fill(log, h("li", { class: "state" }, "Loading…"));
  }

  /** Its end, or the place of a message. */
  async function open(wanted, at) {
    forget(wanted);
    const mine = visit;
    if (!at) { await news(0, true); return; }
    try {
      const first = await get(path(), { limit: PAGE, from: at });
      if (mine !== visit) return;
      if (!first.items.length) { await news(0, true); return; }
      const later = await get(path(), { limit: PAGE, before: first.previous });
      if (mine !== visit) return;
      older = first.next;
      newer = later.items.length === PAGE ? later.previous : null;
      keep([...first.items, ...later.items]);
      await beside(0);
      if (mine !== visit) return;
      render();
      point(at);
    } catch (error) {
      failed(mine, error, () => open(wanted, at));
    }
  }

  const anew = () => { forget(id); return news(0, true); };

  /** The latest page. Messages that are here stay, with what has become of them. */
  async function news(least, stick = false) {
    const mine = visit;
    const order = ++asked;
    try {
      const page = await get(path(), { limit: PAGE }, least);
      if (mine !== visit || order !== asked) return;
      const had = new Set(messages.keys());
      const unknown = page.items.filter((one) => !had.has(one.message_id));
      if (newer) {
        keep(page.items.filter((one) => had.has(one.message_id)));
        if (unknown.length) fresh("New messages");
      } else {
        if (!had.size || (page.next && unknown.length === page.items.length)) { messages = new Map(); older = page.next; }
        keep(page.items);
      }
      await beside(least);
      if (mine !== visit || order !== asked) return;
      const stay = below() < NEAR;
      render();
      if (!newer && (stick || stay || !had.size)) toEnd();
      else if (unknown.length && had.size) { fresh("New messages"); end.hidden = false; }
      if (had.size) tell(unknown);
    } catch (error) {
      failed(mine, error, () => news(0, true));
    }
  }

  function failed(mine, error, again) {
    if (mine === visit && !messages.size) fill(log, h("li", {}, state(error.message, again)));
  }

  const keep = (items) => { for (const one of items) messages.set(one.message_id, one); };

  async function beside(least) {
    const oldest = older ? [...messages.values()].reduce((first, one) => (one.place < first ? one.place : first), "~") : "";
    await Promise.all([notes.news(least, oldest), calls.news(least, oldest)]);
  }

  function tell(unknown) {
    const said = unknown.filter((one) => one.direction === "in").reverse();
    if (said.length) announce(`Customer: ${said.map((one) => one.text || one.kind).join(". ")}`);
  }

  /** The next page upwards (`after` in the list, which is latest first) or downwards. */
  async function further(way) {
    if (going) return;
    going = true;
    const mine = visit;
    try {
      const page = await get(path(), { limit: PAGE, [way]: way === "after" ? older : newer });
      if (mine !== visit) return;
      keep(page.items);
      if (way === "after") older = page.next;
      else newer = page.items.length === PAGE ? page.previous : null;
      await beside(0);
      if (mine !== visit) return;
      const from = log.scrollHeight - log.scrollTop;
      const top = log.scrollTop;
      render();
      log.scrollTop = way === "after" ? log.scrollHeight - from : top;
    } catch { /* the next scroll asks again */ } finally {
      going = false;
    }
  }

  function render() {
    const rows = [
      ...[...messages.values()].map((one) => ({ key: one.message_id, place: one.place, at: one.at, make: messageRow, one })),
      ...notes.items.map((one) => ({ key: one.note_id, place: one.place, at: one.at, make: noteRow, one })),
      ...calls.items.map((one) => ({ key: one.call_id, place: one.place, at: callAt(one), make: callRow, one })),
    ].sort((a, b) => (a.place < b.place ? -1 : 1));
    const places = [...messages.values()].map((one) => one.place).sort();
    const within = rows.filter((row) => (!older || row.place >= places[0]) && (!newer || row.place <= places.at(-1)));
    const shown = older ? [{ key: "older", make: () => moreRow("Earlier messages", "after") }] : [];
    for (const [at, row] of within.entries()) {
      const before = within[at - 1];
      const day = row.at ? dayOf(row.at) : "";
      const anotherDay = day && (!before || dayOf(before.at ?? row.at) !== day);
      if (anotherDay) shown.push({ key: `day ${row.at.slice(0, 10)} ${day}`, make: dayRow, one: day });
      shown.push({ ...row, together: !anotherDay && together(before, row) });
    }
    if (newer) shown.push({ key: "newer", make: () => moreRow("Later messages", "before") });
    else for (const one of outbox.waiting(id, (key) => messages.has(key) || notes.has(key))) shown.push({ key: one.key, make: pendingRow, one });
    if (!shown.length) fill(log, h("li", { class: "state" }, "Nothing has been said yet."));
    else listed(log, shown, (row) => row.key, (row) => row.make(row.one, about, { quote, outbox, together: row.together }));
  }

  const moreRow = (words, way) => h("li", { class: "state" }, h("button", { type: "button", onclick: () => further(way) }, words));

  function point(at) {
    const found = log.querySelector(`[data-key="${CSS.escape(at)}"]`);
    found?.scrollIntoView({ block: "center" });
    found?.classList.add("found");
    found?.setAttribute("tabindex", "-1");
    found?.focus({ preventScroll: true });
  }

  return { element, open, news, render, toEnd, atEnd: () => !newer };
}

const together = (before, row) => Boolean(before && before.make === messageRow && row.make === messageRow
  && before.one.direction === row.one.direction && before.one.author_id === row.one.author_id
  && before.one.automatic === row.one.automatic && new Date(row.at) - new Date(before.at) < TOGETHER_MS);
const dayRow = (day) => h("li", { class: "day" }, h("span", {}, day));
const callAt = (call) => ["ringing_at", "connected_at", "accepted_at", "rejected_at", "ended_at", "failed_at"].map((step) => call[step]).find(Boolean);
