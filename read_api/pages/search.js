// Search in what was said, and for people; what is found opens the conversation in that place.
import { get } from "./api.js";
import { announce, fill, h, state, time } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, nameOf } from "./people.js";

const WAIT_MS = 220;
const PAGE = 25;
const PEOPLE = 4;
const TURNS = 10;

export function search(about, shown) {
  let asked = 0;
  let timer = 0;
  let next = null;
  const input = h("input", {
    type: "search", id: "search", placeholder: "Search messages and people", "aria-label": "Search messages and people",
    "aria-controls": "found", autocomplete: "off", spellcheck: "false", maxlength: 200,
  });
  const found = h("div", { id: "found", class: "found", hidden: true });
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(begin, WAIT_MS); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") clear();
    if (event.key === "ArrowDown") { event.preventDefault(); found.querySelector("a")?.focus(); }
  });
  found.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { clear(); input.focus(); }
    if (!step) return;
    event.preventDefault();
    const all = [...found.querySelectorAll("a")];
    (all[all.indexOf(document.activeElement) + step] ?? input).focus();
  });

  function clear() {
    clearTimeout(timer);
    input.value = "";
    begin();
  }

  async function begin() {
    const words = input.value.trim();
    const mine = ++asked;
    shown(Boolean(words));
    found.hidden = !words;
    if (!words) return;
    fill(found, state("Searching…"));
    try {
      const [messages, people] = await Promise.all([
        pageOf(words, null),
        about.can("contacts.read") ? get("/v1/contacts", { search: words, limit: PEOPLE }).catch(() => ({ items: [] })) : { items: [] },
      ]);
      if (mine !== asked) return;
      next = messages.next;
      const list = h("ul", { class: "rows", "aria-label": "Messages found" }, messages.items.map((one) => row(one, words)));
      fill(found,
        people.items.length ? [h("h3", {}, "People"), h("ul", { class: "rows", "aria-label": "People found" }, people.items.map(person))] : null,
        messages.items.length || next ? [h("h3", {}, "Messages"), list, further(list, words)] : null,
        people.items.length || messages.items.length || next ? null : state(`Nothing has words that begin like “${words}”.`));
      announce(`${messages.items.length}${next ? " or more" : ""} messages and ${people.items.length} people found`);
    } catch (error) {
      if (mine === asked) fill(found, state(error.message, error.code === "search_unclear" ? null : begin));
    }
  }

  /** A page of a search may be empty and lead on all the same. */
  async function pageOf(words, after) {
    for (let turn = 1; ; turn += 1) {
      const page = await get("/v1/messages/search", { q: words, limit: PAGE, after });
      if (page.items.length || !page.next || turn === TURNS) return page;
      after = page.next;
    }
  }

  function further(list, words) {
    const button = h("button", {
      type: "button", hidden: !next,
      async onclick() {
        button.disabled = true;
        const mine = asked;
        try {
          const page = await pageOf(words, next);
          if (mine !== asked) return;
          next = page.next;
          list.append(...page.items.map((one) => row(one, words)));
          button.hidden = !next;
        } catch (error) {
          announce(error.message);
        }
        button.disabled = false;
      },
    }, "Older messages");
    return h("div", { class: "below" }, button);
  }

  const row = (one, words) => h("li", {}, h("a", { href: `#conversations/${one.conversation_id}/${one.message_id}` },
    avatar(nameOf(one)), h("span", { class: "name", dir: "auto" }, nameOf(one)), time(one.at, true),
    h("span", { class: "snippet two", dir: "auto" }, one.direction === "out" ? h("span", { class: "by" }, "You: ") : null, marked(around(one.text ?? one.kind, words), words))));

  const person = (one) => h("li", {}, h("a", {
    href: "#conversations",
    async onclick(event) {
      event.preventDefault();
      const theirs = await get(`/v1/contacts/${one.contact_id}/conversations`, { limit: 1 }).catch(() => ({ items: [] }));
      const [latest] = theirs.items;
      if (latest) location.hash = `#conversations/${latest.conversation_id}`;
      else announceNothing(event.target.closest("li"), one);
    },
  }, avatar(nameOf(one)), h("span", { class: "name", dir: "auto" }, nameOf(one)), h("span", { class: "snippet" }, one.phone ?? "")));

  const element = h("div", { class: "search", role: "search" }, icon("search"), input);
  return { element, found, clear, focus() { input.focus(); input.select(); } };
}

function announceNothing(place, one) {
  place.querySelector(".snippet").textContent = "No conversation yet";
  announce(`There is no conversation with ${nameOf(one)} yet`);
}

const parts = (words) => words.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));

/** So much of a long text that the first word found is in it. */
function around(text, words) {
  const at = text.search(new RegExp(parts(words).join("|"), "iu"));
  return at > 60 ? `…${text.slice(at - 40, at + 160)}` : text.slice(0, 220);
}

const marked = (text, words) => text.split(new RegExp(`(?<![\\p{L}\\p{N}])(${parts(words).join("|")})`, "giu"))
  .map((part, at) => (at % 2 ? h("mark", {}, part) : part));
