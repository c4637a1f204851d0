// Elements from data. Text only ever becomes text: nothing here reads HTML.
const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const h = (tag, attributes, ...children) =>
  filled(document.createElement(tag), attributes, children);

export const svg = (tag, attributes, ...children) =>
  filled(document.createElementNS(SVG, tag), attributes, children);

/** Makes the parent's children those of the items: what has not changed stays, with its focus. */
export function listed(parent, items, keyOf, make) {
  const before = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = new Set(items.map(keyOf));
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const row = [...parent.children].findIndex((child) => child.contains(focused));
  for (const [key, child] of before) if (!wanted.has(key)) child.remove();
  let last = null;
  for (const item of items) {
    const key = keyOf(item);
    const signature = JSON.stringify(item);
    let child = before.get(key);
    if (!child || child.made !== signature) child = renewed(child, make(item), key, signature);
    const place = last ? last.nextSibling : parent.firstChild;
    if (child !== place) parent.insertBefore(child, place);
    last = child;
  }
  if (focused && !parent.contains(document.activeElement)) refocus(parent, focused, row);
}

/** What has been moved keeps the focus; of what has gone, its neighbour has it. */
function refocus(parent, focused, row) {
  const neighbour = parent.children[Math.min(row, parent.childElementCount - 1)];
  const next = parent.contains(focused) ? focused : (neighbour && focusables(neighbour)[0]) ?? parent;
  next.focus({ preventScroll: true });
}

function renewed(old, child, key, signature) {
  child.dataset.key = key;
  child.made = signature;
  if (!old) return child;
  const focused = old.contains(document.activeElement);
  const at = focused ? focusables(old).indexOf(document.activeElement) : -1;
  old.replaceWith(child);
  if (focused) (focusables(child)[at] ?? focusables(child)[0])?.focus({ preventScroll: true });
  return child;
}

const focusables = (element) => [...element.querySelectorAll("a[href], button, input, select, textarea")];

export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
}

/** Says something to those who listen instead of looking. */
export function announce(text) {
  const place = byId("announcer");
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = text; });
}

/** What is shown while there is nothing else: loading, empty, failed. */
export const state = (text, again) =>
  h("div", { class: "state" }, h("p", {}, text),
    again ? h("button", { type: "button", onclick: again }, "Try again") : null);

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const long = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

const today = (at) => new Date(at).toDateString() === new Date().toDateString();

/** An instant, short: the time if it is today, else the day. */
export const time = (at, short) =>
  at ? h("time", { datetime: at, title: whole.format(new Date(at)) },
    (short && !today(at) ? day : clock).format(new Date(at))) : null;

export const dayOf = (at) => (today(at) ? "Today" : long.format(new Date(at)));

/** How long from now, in words: "in 3 h". */
export function left(at) {
  const minutes = Math.max(0, Math.round((new Date(at) - Date.now()) / 60000));
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

export const number = (value) => new Intl.NumberFormat().format(value ?? 0);
