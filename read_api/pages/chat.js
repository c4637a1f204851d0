// One conversation: its messages, notes and calls in their order, and what can be done with it.
import { get, post } from "./api.js";
import { announce, dayOf, fill, h, listed, state } from "./dom.js";
import { callRow, messageRow, nameOf, noteRow } from "./message.js";
import { composer } from "./reply.js";

const PAGE = 40;
const NEAR = 160;

export function chat(pane, about, { changed }) {
  let id = null;
  let item = null;
  let messages = new Map();
  let aside = [];
  let next = null;
  let loadingOlder = false;
  let asked = 0;

  const title = h("h2", { dir: "auto", tabindex: "-1" });
  const under = h("p", { class: "under" });
  const actions = h("div", { class: "actions" });
  const log = h("ol", { class: "log", role: "log", "aria-live": "off", "aria-label": "Messages", tabindex: "0" });
  const box = composer(about, { sent: () => news(0, true), item: () => item });
  const whole = [
    h("header", { class: "about" }, h("a", { class: "back", href: "#conversations" }, "‹ Chats"),
      h("div", { class: "names" }, title, under), actions),
    log, box.element,
  ];
  const nothing = state("Choose a conversation to read it.");
  fill(pane, nothing);
  log.addEventListener("scroll", () => { if (log.scrollTop < NEAR && next) older(); });

  async function show(wanted, known) {
    if (wanted === id) return;
    id = wanted;
    item = known ?? null;
    messages = new Map();
    aside = [];
    next = null;
    if (!id) { fill(pane, nothing); return; }
    fill(pane, whole);
    fill(log, h("li", { class: "state" }, "Loading…"));
    header();
    box.show(id, item);
    await news(0, true);
    if (id === wanted) title.focus({ preventScroll: true });
  }

  /** The latest page, and the conversation itself. */
  async function news(least, toEnd = false) {
    if (!id) return;
    const mine = id;
    const order = ++asked;
    try {
      const path = `/v1/conversations/${id}`;
      const [one, page, notes, calls] = await Promise.all([
        get(path, {}, least), get(`${path}/messages`, { limit: PAGE }, least),
        get(`${path}/notes`, { limit: PAGE }, least), get("/v1/calls", { conversation: id, limit: PAGE }, least),
      ]);
      if (mine !== id || order !== asked) return;
      const first = !messages.size;
      const latest = [...messages.keys()].length ? new Set(messages.keys()) : null;
      for (const message of page.items) messages.set(message.message_id, message);
      if (first) next = page.next;
      aside = [...notes.items, ...calls.items];
      item = one;
      const stay = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
      header();
      render();
      box.show(id, item);
      if (first || toEnd || stay) log.scrollTop = log.scrollHeight;
      if (latest) tell(page.items.filter((message) => !latest.has(message.message_id)));
      seen();
    } catch (error) {
      if (mine === id && !messages.size) fill(log, h("li", {}, state(error.message, () => news(0, true))));
    }
  }

  function tell(fresh) {
    const said = fresh.filter((message) => message.direction === "in").reverse();
    if (said.length) announce(`${nameOf(item)}: ${said.map((message) => message.text || message.kind).join(". ")}`);
  }

  async function seen() {
    if (!item.unread || document.hidden || !about.can("conversations.reply")) { changed(item); return; }
    item = { ...item, unread: 0 };
    changed(item);
    try {
      await post(`/v1/conversations/${id}/read`, { seen: item.inbound });
    } catch { /* stays unread: said again with the next message */ }
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden && item && id) seen(); });

  async function older() {
    if (loadingOlder || !next) return;
    loadingOlder = true;
    const mine = id;
    try {
      const page = await get(`/v1/conversations/${id}/messages`, { limit: PAGE, after: next });
      if (mine !== id) return;
      for (const message of page.items) messages.set(message.message_id, message);
      next = page.next;
      const from = log.scrollHeight - log.scrollTop;
      render();
      log.scrollTop = log.scrollHeight - from;
    } catch { /* the next scroll asks again */ } finally {
      loadingOlder = false;
    }
  }

  function render() {
    const rows = [
      ...[...messages.values()].map((one) => ({ key: one.message_id, place: one.place, at: one.at, make: messageRow, one })),
      ...aside.map((one) => one.note_id
        ? { key: one.note_id, place: one.place, at: one.at, make: noteRow, one }
        : { key: one.call_id, place: one.place, at: callAt(one), make: callRow, one }),
    ].sort((a, b) => (a.place < b.place ? -1 : 1));
    const oldest = [...messages.values()].reduce((least, one) => (one.place < least ? one.place : least), "~");
    const visible = next ? rows.filter((row) => row.place >= oldest) : rows;
    const shown = [];
    if (next) shown.push({ key: "older", make: olderRow });
    for (const [at, row] of visible.entries()) {
      const day = row.at ? dayOf(row.at) : "";
      if (day && (!at || dayOf(visible[at - 1].at ?? row.at) !== day)) shown.push({ key: `day ${row.at.slice(0, 10)} ${day}`, make: dayRow, one: day });
      shown.push(row);
    }
    if (!shown.length) fill(log, h("li", { class: "state" }, "Nothing has been said yet."));
    else listed(log, shown, (row) => row.key, (row) => row.make(row.one, about, (message) => box.quote(message)));
  }

  const olderRow = () => h("li", { class: "state" }, h("button", { type: "button", onclick: older }, "Earlier messages"));
  const dayRow = (day) => h("li", { class: "day" }, h("span", {}, day));
  const callAt = (call) => ["ringing_at", "connected_at", "accepted_at", "rejected_at", "ended_at", "failed_at"].map((step) => call[step]).find(Boolean);

  function header() {
    if (!item) return;
    title.textContent = nameOf(item);
    const account = about.accounts.get(item.account_id);
    const whose = item.assignee_id
      ? `assigned to ${item.assignee_id === about.me.user?.user_id ? "you" : about.users.get(item.assignee_id) ?? "a colleague"}`
      : "assigned to nobody";
    under.textContent = [item.phone, account ? `to ${account.name || account.display_phone_number}` : "", item.status, whose]
      .filter(Boolean).join(" · ");
    const mine = item.assignee_id && item.assignee_id === about.me.user?.user_id;
    fill(actions,
      about.can("conversations.assign") && about.me.user
        ? button(mine ? "Unassign" : "Assign to me", "assign", { user_id: mine ? null : about.me.user.user_id, team_id: null }) : null,
      about.can("conversations.reply")
        ? (item.status === "resolved" ? button("Reopen", "reopen", {}) : button("Resolve", "resolve", {})) : null);
  }

  function button(words, verb, body) {
    return h("button", {
      type: "button", "data-verb": verb,
      async onclick(event) {
        event.currentTarget.disabled = true;
        try {
          await post(`/v1/conversations/${id}/${verb}`, body);
          announce(`${words}: done`);
        } catch (error) {
          box.problem(error.message);
        }
        await news(0);
        actions.querySelector(`[data-verb=${verb}], button`)?.focus();
      },
    }, words);
  }

  return { show, news };
}
