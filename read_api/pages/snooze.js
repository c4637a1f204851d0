// Until when a conversation is put aside, in the agent's own time.
import { h } from "./dom.js";
import { choice, choices } from "./popup.js";

const HOUR_MS = 3600000;
const MORNING = 9;

function morning(days) {
  const at = new Date();
  at.setDate(at.getDate() + days);
  at.setHours(MORNING, 0, 0, 0);
  return at;
}

/** The next Monday; on a Monday that of the next week. */
const untilMonday = () => ((8 - new Date().getDay()) % 7) || 7;
const written = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const local = (at) => new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);

export function snoozing(chosen) {
  const put = (at) => chosen(at.toISOString(), written.format(at));
  const offers = [["In an hour", new Date(Date.now() + HOUR_MS)], ["Tomorrow", morning(1)], ["Monday", morning(untilMonday())]];
  const input = h("input", { type: "datetime-local", "aria-label": "Another time", required: true, min: local(new Date()), value: local(morning(2)) });
  return [
    choices("Until", offers.map(([words, at]) => choice(words, () => put(at), { hint: written.format(at) }))),
    h("form", { class: "line", onsubmit: (event) => { event.preventDefault(); put(new Date(input.value)); } }, input, h("button", { type: "submit" }, "Set")),
  ];
}
