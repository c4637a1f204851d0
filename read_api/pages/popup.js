// What opens under a button: choices for the keyboard and the mouse, one open at a time.
import { fill, h } from "./dom.js";

const OWN_ARROWS = "select, [list], [type=datetime-local]";

let close = () => {};

document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest?.(".popup, [aria-expanded=true]")) close();
});

/** A button; `build(done)` gives what is in its popup each time that it opens. */
export function popup(label, attributes, face, build) {
  const place = h("span", { class: "pop" });
  const button = h("button", {
    type: "button", title: label, "aria-label": label, "aria-haspopup": "dialog", "aria-expanded": "false", ...attributes,
    onclick: () => (button.getAttribute("aria-expanded") === "true" ? close() : open()),
  }, face);
  place.append(button);

  function open() {
    close();
    const life = new AbortController();
    const panel = h("div", { class: "popup", role: "dialog", "aria-label": label });
    const shut = (back = true) => {
      close = () => {};
      life.abort();
      panel.remove();
      button.setAttribute("aria-expanded", "false");
      if (back) button.focus();
    };
    close = () => shut(panel.contains(document.activeElement));
    fill(panel, h("p", { class: "popup-title", "aria-hidden": "true" }, label), build(shut));
    place.addEventListener("keydown", (event) => moved(event, panel, shut), { signal: life.signal });
    // Tab leads on to what comes after it: it does not stay open behind one's back.
    place.addEventListener("focusout", ({ relatedTarget: to }) => { if (to && !place.contains(to)) shut(false); }, { signal: life.signal });
    place.append(panel);
    button.setAttribute("aria-expanded", "true");
    keepInside(panel);
    (panel.querySelector("[aria-checked=true]") ?? panel.querySelector("input, select, button"))?.focus();
  }

  return place;
}

/** One of several; `chosen` marks the one that is. */
export const choice = (words, onclick, { chosen = false, face = null, hint = "", ...attributes } = {}) =>
  h("button", { type: "button", class: "choice", role: "menuitemradio", "aria-checked": String(chosen), onclick, ...attributes },
    face, h("span", { class: "grow", dir: "auto" }, words), hint ? h("span", { class: "hint" }, hint) : null);

export const choices = (label, ...children) => h("div", { class: "choices", role: "menu", "aria-label": label }, children);

function moved(event, panel, shut) {
  if (event.key === "Escape") { event.stopPropagation(); shut(); return; }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.matches(OWN_ARROWS)) return;
  event.preventDefault();
  const all = [...panel.querySelectorAll("button, input, select")].filter((one) => one.checkVisibility());
  all.at((all.indexOf(document.activeElement) + step) % all.length)?.focus();
}

function keepInside(panel) {
  const box = panel.getBoundingClientRect();
  if (box.left < 8) panel.classList.add("to-right");
  if (box.bottom > innerHeight - 8) panel.classList.add("up");
}
