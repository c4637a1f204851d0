// What one has been told, newest first, and what of it is read.
import { get, post } from "./api.js";
import { announce, byId, fill, h, listed, number, state, time } from "./dom.js";

const PAGE = 30;

export function notifications(root) {
  let items = [];
  let next = null;
  let asked = 0;

  const all = h("button", { type: "button", onclick: readAll }, "Mark all as read");
  const list = h("ul", { class: "cards news", "aria-label": "Notifications" });
  const below = h("div", { class: "below" });
  fill(root, h("div", { class: "heading" }, h("h2", {}, "News"), all), list, below);

  async function load(least = 0) {
    const mine = ++asked;
    if (!items.length) fill(below, state("Loading…"));
    try {
      const [page, unread] = await Promise.all([
        get("/v1/notifications", { limit: PAGE }, least), get("/v1/notifications", { limit: 100, unread: "true" }, least),
      ]);
      if (mine !== asked) return;
      items = page.items;
      next = page.next;
      count(unread.items.length, unread.next !== null);
      render();
    } catch (error) {
      if (mine === asked && !items.length) fill(below, state(error.message, () => load()));
    }
  }

  async function more() {
    try {
      const page = await get("/v1/notifications", { limit: PAGE, after: next });
      items = [...items, ...page.items];
      next = page.next;
      render();
    } catch (error) {
      fill(below, state(error.message, more));
    }
  }

  function count(unread, over) {
    const badge = byId("count-notifications");
    badge.textContent = unread ? `${number(unread)}${over ? "+" : ""}` : "";
    badge.setAttribute("aria-label", unread ? `${unread} unread` : "");
    all.disabled = !unread;
  }

  function render() {
    listed(list, items, (item) => item.notification_id, row);
    if (!items.length) fill(below, state("Nothing new."));
    else if (next) fill(below, h("button", { type: "button", onclick: more }, "Show more"));
    else fill(below);
  }

  function row(item) {
    const to = item.conversation_id ? `#conversations/${item.conversation_id}` : item.campaign_id ? "#campaigns" : null;
    return h("li", { class: `card ${item.unread ? "unread" : ""} ${item.priority}` },
      h("header", {}, to ? h("a", { href: to, onclick: () => item.unread && read(item) }, item.title) : h("strong", {}, item.title),
        item.priority === "high" || item.priority === "urgent" ? h("span", { class: "chip high" }, item.priority) : null,
        h("span", { class: "grow" }), time(item.created_at, true),
        item.unread ? h("button", { type: "button", class: "quiet", "aria-label": `Mark as read: ${item.title}`, onclick: () => read(item) }, "Mark as read") : null),
      item.reason ? h("p", { class: "under", dir: "auto" }, item.reason) : null);
  }

  async function read(item) {
    await done(() => post(`/v1/notifications/${item.notification_id}/read`));
  }

  async function readAll() {
    if (items.length) await done(() => post("/v1/notifications/read", { through: items[0].notification_id }));
  }

  async function done(marking) {
    try {
      await marking();
      await load();
    } catch (error) {
      fill(below, state(error.message, () => load()));
    }
  }

  return {
    show() {},
    changed(batch, position) {
      const told = batch.filter((item) => item.notification);
      for (const item of told) if (item.notification.title) announce(item.notification.title);
      if (told.length || batch.some((item) => item.notification_id || item.topic === "notifications")) load(position);
    },
    reload() { load(); },
  };
}
