// Replies that are kept ready: `/` and some letters offer them, arrows and Enter choose.
import { all } from "./api.js";
import { announce, fill, h } from "./dom.js";

const TYPED = /(^|\s)\/([\p{L}\p{N}_-]*)$/u;
const MOST = 8;
const FRESH_MS = 60000;

export function canned(text, chosen) {
  let replies = [];
  let asked = 0;
  let offered = [];
  let at = 0;
  const list = h("ul", { class: "canned", id: "canned", role: "listbox", "aria-label": "Replies kept ready", hidden: true });
  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-controls", "canned");
  text.addEventListener("blur", shut);

  const typed = () => TYPED.exec(text.value.slice(0, text.selectionStart));

  async function offer() {
    const found = typed();
    if (!found) { shut(); return; }
    if (Date.now() - asked > FRESH_MS) {
      asked = Date.now();
      try { replies = await all("/v1/canned-replies"); } catch { asked = 0; }
      if (!typed()) return;
    }
    const words = (typed() ?? found)[2].toLowerCase();
    const begins = replies.filter((reply) => reply.short_code.toLowerCase().startsWith(words));
    const has = replies.filter((reply) => !begins.includes(reply) && words && reply.text.toLowerCase().includes(words));
    offered = [...begins, ...has].slice(0, MOST);
    at = 0;
    if (!offered.length) { shut(); return; }
    if (list.hidden) announce(`${offered.length} replies kept ready; arrows choose`);
    list.hidden = false;
    draw();
  }

  function draw() {
    fill(list, offered.map((reply, index) => h("li", {
      id: `canned-${index}`, role: "option", "aria-selected": String(index === at),
      onpointerdown: (event) => { event.preventDefault(); at = index; take(); },
    }, h("strong", {}, `/${reply.short_code}`), h("span", { dir: "auto" }, reply.text))));
    text.setAttribute("aria-activedescendant", `canned-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function shut() {
    list.hidden = true;
    text.removeAttribute("aria-activedescendant");
  }

  function take() {
    const caret = text.selectionStart;
    const from = caret - typed()[2].length - 1;
    text.setRangeText(offered[at].text, from, caret, "end");
    shut();
    chosen();
  }

  return {
    element: list,
    offer,
    shut,
    /** Whether the key was for this list. */
    pressed(event) {
      if (list.hidden) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) { at = (at + step + offered.length) % offered.length; draw(); }
      else if (event.key === "Enter" || event.key === "Tab") take();
      else if (event.key === "Escape") shut();
      else return false;
      event.preventDefault();
      return true;
    },
  };
}
