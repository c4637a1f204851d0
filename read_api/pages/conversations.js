// The list of conversations beside the one that is open.
import { get } from "./api.js";
import { chat } from "./chat.js";
import { announce, byId, fill, h, listed, number, state, time } from "./dom.js";
import { nameOf } from "./message.js";

const PAGE = 30;
const MOST = 100;
const STATUSES = [["", "All"], ["open", "Open"], ["pending", "Pending"], ["snoozed", "Snoozed"], ["resolved", "Resolved"]];
const ASSIGNEES = [["", "Everybody's"], ["me", "Mine"], ["none", "Nobody's"]];
const KINDS = {
  image: "Photo", video: "Video", audio: "Voice message", document: "Document", sticker: "Sticker",
  location: "Location", contacts: "Contact", template: "Template",
};

export function conversations(root, about) {
  let items = [];
  let next = null;
  let opened = null;
  let asked = 0;
  let unread = null;
  const list = h("ul", { class: "rows", "aria-label": "Conversations" });
  const below = h("div", { class: "below" });
  const filters = h("form", { class: "filters", "aria-label": "Which conversations" },
    select("status", "State", STATUSES), select("assignee", "Whose", ASSIGNEES),
    h("label", { class: "check" }, h("input", { type: "checkbox", name: "waiting" }), "Waiting"));
  filters.addEventListener("change", () => { items = []; listed(list, [], null, null); load(); });
  filters.addEventListener("submit", (event) => event.preventDefault());
  const side = h("div", { class: "side" }, filters, list, below);
  const pane = h("section", { class: "pane", "aria-label": "Conversation" });
  const open = chat(pane, about, { changed: (item) => replaced(item) });
  fill(root, side, pane);

  function query() {
    const given = Object.fromEntries(new FormData(filters));
    return { status: given.status, assignee: given.assignee, waiting: given.waiting ? "true" : "" };
  }

  async function load(least = 0) {
    const mine = ++asked;
    if (!items.length) fill(below, state("Loading…"));
    try {
      const limit = Math.min(Math.max(PAGE, items.length), MOST);
      const page = await get("/v1/conversations", { ...query(), limit }, least);
      if (mine !== asked) return;
      const fresh = new Set(page.items.map((item) => item.conversation_id));
      const older = items.length > MOST ? items.slice(MOST).filter((item) => !fresh.has(item.conversation_id)) : [];
      if (!older.length) next = page.next;
      items = [...page.items, ...older];
      render();
    } catch (error) {
      if (mine === asked && !items.length) fill(below, state(error.message, () => load()));
    }
    counts(least);
  }

  async function more() {
    const mine = asked;
    try {
      const page = await get("/v1/conversations", { ...query(), limit: PAGE, after: next });
      if (mine !== asked) return;
      const had = new Set(items.map((item) => item.conversation_id));
      items = [...items, ...page.items.filter((item) => !had.has(item.conversation_id))];
      next = page.next;
      render();
    } catch (error) {
      fill(below, state(error.message, more));
    }
  }

  async function counts(least) {
    try {
      const found = await get("/v1/inbox/counts", {}, least);
      if (unread !== null && found.unread > unread) announce(`${found.unread} unread messages`);
      unread = found.unread;
      byId("count-conversations").textContent = unread ? number(unread) : "";
      byId("count-conversations").setAttribute("aria-label", unread ? `${unread} unread` : "");
      document.title = `${unread ? `(${unread}) ` : ""}Blazz inbox`;
    } catch { /* the next push asks again */ }
  }

  function render() {
    listed(list, items.map((item) => ({ ...item, current: item.conversation_id === opened })),
      (item) => item.conversation_id, row);
    if (!items.length) fill(below, state("No conversations here. They appear as soon as a customer writes."));
    else if (next) fill(below, h("button", { type: "button", onclick: more }, "Show more"));
    else fill(below);
  }

  function replaced(item) {
    items = items.map((old) => (old.conversation_id === item.conversation_id ? item : old));
    render();
  }

  function row(item) {
    const chips = [
      item.status !== "open" ? h("span", { class: `chip ${item.status}` }, item.status) : null,
      item.assignee_id ? h("span", { class: "chip" }, item.assignee_id === about.me.user?.user_id
        ? "you" : about.users.get(item.assignee_id) ?? "a colleague") : null,
      item.priority !== "none" ? h("span", { class: `chip ${item.priority}` }, item.priority) : null,
      ...item.labels.slice(0, 2).map((label) => h("span", { class: "chip" }, label)),
    ];
    const said = item.last_snippet || KINDS[item.last_kind] || item.last_kind || "";
    return h("li", {},
      h("a", {
        href: `#conversations/${item.conversation_id}`, "aria-current": item.current ? "true" : null,
        class: item.unread ? "unread" : "",
      },
      h("span", { class: "avatar", "aria-hidden": "true" }, nameOf(item).replace(/^\+/, "").slice(0, 1).toUpperCase()),
      h("span", { class: "name", dir: "auto" }, nameOf(item)),
      time(item.last_at, true),
      h("span", { class: "snippet", dir: "auto" }, item.last_direction === "out" ? `You: ${said}` : said),
      item.unread ? h("span", { class: "count" }, number(item.unread), h("span", { class: "unseen" }, " unread")) : null,
      h("span", { class: "chips" }, chips)));
  }

  return {
    show(id) {
      opened = id;
      root.classList.toggle("one", Boolean(id));
      render();
      open.show(id, items.find((item) => item.conversation_id === id));
    },
    changed(batch, position) {
      if (!batch.some((item) => item.conversation_id || item.topic === "conversations" || item.topic === "messages")) return;
      load(position);
      if (batch.some((item) => item.conversation_id === opened || !item.conversation_id)) open.news(position);
    },
    reload() {
      load();
      open.news(0);
    },
  };
}

const select = (name, label, choices) =>
  h("label", {}, h("span", { class: "unseen" }, label),
    h("select", { name }, choices.map(([value, words]) => h("option", { value }, words))));
