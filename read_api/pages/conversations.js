// The list of conversations, or what a search has found, beside the one that is open.
import { get } from "./api.js";
import { chat } from "./chat.js";
import { announce, byId, fill, h, number } from "./dom.js";
import { filters } from "./filters.js";
import { list } from "./list.js";
import { search } from "./search.js";

export function conversations(root, about) {
  let opened = null;
  let unread = null;
  const which = filters(about, () => { rows.anew(); counts(0); });
  const rows = list(about, which, () => opened);
  const looking = search(about, (is) => { for (const one of [which.element, ...rows.elements]) one.hidden = is; });
  const side = h("div", { class: "side" },
    h("div", { class: "head" }, h("h2", {}, "Chats"), looking.element), which.element, rows.elements, looking.found);
  const pane = h("section", { class: "pane", "aria-label": "Conversation" });
  const open = chat(pane, about, { changed: rows.replaced });
  fill(root, side, pane);
  document.addEventListener("keydown", pressed);

  async function counts(least) {
    try {
      const found = await get("/v1/inbox/counts", {}, least);
      if (unread !== null && found.unread > unread) announce(`${found.unread} unread messages`);
      unread = found.unread;
      which.counted(found);
      byId("count-conversations").textContent = unread ? (unread > 999 ? "999+" : number(unread)) : "";
      byId("count-conversations").setAttribute("aria-label", unread ? `${unread} unread` : "");
      document.title = `${unread ? `(${unread}) ` : ""}Blazz inbox`;
    } catch { /* the next push asks again */ }
  }

  /** Wherever the focus is, as long as nothing else lies over this view. */
  function pressed(event) {
    if (root.hidden || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "k") {
      event.preventDefault();
      if (!side.checkVisibility()) { root.classList.remove("one"); location.hash = "#conversations"; }
      looking.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.altKey && step && !event.target.closest?.("select, .popup")) {
      event.preventDefault();
      const beside = rows.beside(opened, step);
      if (beside) location.hash = `#conversations/${beside}`;
    }
  }

  return {
    show(id, at) {
      const before = opened;
      opened = id;
      root.classList.toggle("one", Boolean(id));
      rows.render();
      open.show(id, rows.find(id), at);
      const lost = document.activeElement === document.body || !document.activeElement.checkVisibility();
      if (before && !id && lost) side.querySelector(`.rows a[href="#conversations/${before}"]`)?.focus();
    },
    changed(batch, position) {
      if (!batch.some((item) => item.conversation_id || item.topic === "conversations" || item.topic === "messages")) return;
      rows.load(position);
      counts(position);
      if (batch.some((item) => item.conversation_id === opened || !item.conversation_id)) open.news(position);
    },
    reload() {
      rows.load();
      counts(0);
      open.news(0);
    },
    end() { open.end(); document.removeEventListener("keydown", pressed); },
  };
}
