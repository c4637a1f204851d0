// One conversation: who it is with, what can be done, what was said, and the box for answers.
import { get, post } from "./api.js";
import { deeds } from "./deeds.js";
import { fill, h, listed, state, time } from "./dom.js";
import { icon } from "./icons.js";
import { outbox } from "./outbox.js";
import { avatar, nameOf } from "./people.js";
import { composer } from "./reply.js";
import { transcript } from "./transcript.js";

const STATES = { open: "Open", pending: "Pending", snoozed: "Put aside", resolved: "Resolved" };

export function chat(pane, about, { changed }) {
  let id = null;
  let item = null;
  let asked = 0;
  const life = new AbortController();
  const face = h("span", { class: "face" });
  const title = h("h2", { dir: "auto", tabindex: "-1" });
  const under = h("p", { class: "under" });
  const tags = h("p", { class: "tags" });
  const sending = outbox((conversation) => {
    if (conversation !== id) return;
    if (!said.atEnd()) { said.open(id); return; }
    said.render();
    said.toEnd();
    news(0, true);
  });
  const box = composer(about, { item: () => item, send: (...given) => sending.put(id, ...given) });
  sending.edit = (key) => box.restore(sending.discard(key));
  const said = transcript(about, { quote: (message) => box.quote(message), outbox: sending });
  const acts = deeds(about, { item: () => item, done: () => news(0), failed: (words) => box.problem(words) });
  const whole = [
    h("header", { class: "about" }, h("a", { class: "back", href: "#conversations", "aria-label": "Back to the chats" }, icon("back")),
      face, h("div", { class: "names" }, title, under, tags), acts.element),
    said.element, box.element,
  ];
  const nothing = h("div", { class: "nothing" }, icon("answer"), state("Choose a conversation to read it."),
    h("p", { class: "hint" }, h("kbd", {}, "Ctrl K"), " searches · ", h("kbd", {}, "Alt ↓"), " opens the next one"));
  fill(pane, nothing);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && item && id) seen(); }, { signal: life.signal });

  async function show(wanted, known, at) {
    if (wanted === id && !at) return;
    const same = wanted === id;
    id = wanted;
    if (!id) { item = null; box.show(null); fill(pane, nothing); return; }
    if (!same) {
      item = known ?? null;
      if (!pane.contains(box.element)) fill(pane, whole); // what has the focus would lose it
      header();
      acts.draw();
      box.show(id);
    }
    await Promise.all([said.open(id, at), standing()]);
    const busy = document.activeElement.closest(".composer, .popup, .search"); // with something else, by now
    if (id === wanted && !at && !busy) title.focus({ preventScroll: true });
  }

  /** What has become of the conversation, and what was said in it since. */
  async function news(least, toEnd = false) {
    if (id) await Promise.all([standing(least), said.news(least, toEnd)]);
  }

  async function standing(least = 0) {
    const mine = id;
    const order = ++asked;
    try {
      const found = await get(`/v1/conversations/${mine}`, {}, least);
      if (mine !== id || order !== asked) return;
      const before = JSON.stringify(item);
      item = found;
      header();
      if (before !== JSON.stringify(found) ) acts.draw();
      box.show(id);
      seen();
    } catch (error) {
      if (mine === id && !item) { title.textContent = error.status === 404 ? "There is no such conversation" : error.message; fill(face); }
    }
  }

  async function seen() {
    if (!item.unread || document.hidden || !about.can("conversations.reply") || !said.atEnd()) { changed(item); return; }
    item = { ...item, unread: 0 };
    changed(item);
    try {
      await post(`/v1/conversations/${id}/read`, { seen: item.inbound });
    } catch { /* stays unread: said again with the next message */ }
  }

  function header() {
    if (!item) { title.textContent = ""; fill(under); fill(tags); fill(face); return; }
    const account = about.accounts.get(item.account_id);
    title.textContent = nameOf(item);
    fill(face, avatar(nameOf(item)));
    fill(under, [item.phone, account ? `to ${account.name || account.display_phone_number}` : "", item.team_id ? about.teamName(item.team_id) : ""].filter(Boolean).join(" · "));
    const until = item.status === "snoozed" && item.snoozed_until ? [" until ", time(item.snoozed_until, true)] : null;
    const chips = [
      { key: "status", make: () => h("span", { class: `chip state-${item.status} ${item.status}` }, STATES[item.status] ?? item.status, until), of: [item.status, item.snoozed_until] },
      { key: "priority", make: () => h("span", { class: `chip ${item.priority}` }, icon("flag"), item.priority), of: item.priority },
      ...item.labels.map((label) => ({ key: `label ${label}`, make: () => labelled(label) })),
    ].filter((chip) => chip.of !== "none");
    const within = tags.contains(document.activeElement);
    listed(tags, chips, (chip) => chip.key, (chip) => chip.make());
    if (within && !tags.contains(document.activeElement)) title.focus();
  }

  const labelled = (label) => h("span", { class: "chip label" }, label, about.can("conversations.reply")
    ? h("button", { type: "button", class: "bare", "aria-label": `Remove the label ${label}`, onclick: () => acts.label(label, false) }, icon("close")) : null);

  return {
    show,
    news,
    end() { life.abort(); sending.end(); box.end(); },
  };
}
