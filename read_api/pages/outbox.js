// What is on its way to the server. Each keeps its key until it is taken, so it is taken once.
import { Away, happenings, newKey, post } from "./api.js";
import { announce } from "./dom.js";
import { read } from "./wire.js";

const KEPT = "blazz.outbox";

/** `changed(conversation)` when something has become of what waits there. */
export function outbox(changed) {
  let items = read(sessionStorage.getItem(KEPT)) ?? [];
  const busy = new Set();

  function keep() {
    sessionStorage.setItem(KEPT, JSON.stringify(items.filter((item) => !item.taken)));
  }

  /** One after the other, so that they arrive in the order in which they were written. */
  async function send(conversation) {
    if (busy.has(conversation)) return;
    busy.add(conversation);
    for (let item; (item = items.find((one) => one.conversation === conversation && one.state === "sending" && !one.taken));) {
      try {
        const done = await post(`/v1/conversations/${conversation}/${item.note ? "notes" : "messages"}`, item.body, item.key);
        item.taken = done.id;
        announce(item.note ? "Note kept" : "Sent");
      } catch (error) {
        item.state = error instanceof Away ? "away" : "refused";
        item.why = error.message;
        announce(`Not sent: ${error.message}`);
      }
      keep();
      changed(conversation);
      if (item.state === "away") break;
    }
    busy.delete(conversation);
  }

  function again(key) {
    const item = items.find((one) => one.key === key);
    if (item) Object.assign(item, { state: "sending", why: "" });
    changed(item?.conversation);
    if (item) send(item.conversation);
  }

  function back() {
    for (const item of items) if (item.state === "away") item.state = "sending";
    for (const one of new Set(items.map((item) => item.conversation))) send(one);
  }
  happenings.addEventListener("back", back);
  back();

  return {
    put(conversation, body, shown, note) {
      items.push({ key: newKey(), conversation, body, shown, note, at: new Date().toISOString(), state: "sending", why: "", taken: "" });
      keep();
      send(conversation);
      changed(conversation);
    },
    again,
    /** Forgets it, and gives it back. */
    discard(key) {
      const item = items.find((one) => one.key === key);
      items = items.filter((one) => one !== item);
      keep();
      changed(item?.conversation);
      return item;
    },
    /** Those not yet seen among what the server shows. */
    waiting(conversation, there) {
      items = items.filter((item) => !item.taken || !there(item.taken));
      return items.filter((item) => item.conversation === conversation);
    },
    end() { happenings.removeEventListener("back", back); },
  };
}
