// The stream of what happens: a ticket each time, and on from the last event that was seen.
import { Refused, ticket } from "./api.js";

const LONGEST_MS = 10000;

/** Calls `heard(item)` for each item, `anew()` when some were missed, `connected(bool)`. */
export function follow(topics, { heard, anew, connected }) {
  let source = null;
  let last = "";
  let wait = 250;
  let ended = false;
  let timer = 0;

  async function open() {
    let given;
    try {
      given = await ticket();
    } catch (error) {
      if (!(error instanceof Refused && error.status < 500 && error.status !== 429)) later();
      return;
    }
    if (ended) return;
    const query = new URLSearchParams({ topics: topics.join(","), ticket: given.ticket });
    if (last) query.set("last_event_id", last);
    source = new EventSource(`/v1/stream?${query}`);
    source.addEventListener("message", (event) => taken(event, true));
    source.addEventListener("notification", (event) => taken(event, true));
    source.addEventListener("reset", (event) => { taken(event, false); began(); anew(); });
    // "open" is also what the browser itself calls the beginning of an answer.
    source.addEventListener("open", (event) => { taken(event, false); began(); });
    source.addEventListener("cut", (event) => { taken(event, false); later(); });
    // The browser would try again with the same ticket, which is good once.
    source.addEventListener("error", later);
  }

  function began() {
    wait = 250;
    connected(true);
  }

  function taken(event, item) {
    if (event.lastEventId) last = event.lastEventId;
    if (item && event.data) heard(JSON.parse(event.data));
  }

  function later() {
    source?.close();
    connected(false);
    clearTimeout(timer);
    if (ended) return;
    timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_MS);
  }

  open();
  return () => { ended = true; clearTimeout(timer); source?.close(); };
}
