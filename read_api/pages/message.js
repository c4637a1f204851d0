// What stands in a transcript: a message with all that became of it, a note, a call.
import { contents, words } from "./content.js";
import { h, svg, time } from "./dom.js";
import { icon } from "./icons.js";

const STATUSES = {
  queued: "Queued", sending: "Sending", unknown: "Not known whether sent", accepted: "Sent",
  sent: "Sent", delivered: "Delivered", read: "Read", played: "Played", failed: "Failed",
  suppressed: "Not sent", cancelled: "Cancelled", expired: "Expired",
};
const TICKS = { accepted: 1, sent: 1, delivered: 2, read: 2, played: 2 };

export function messageRow(message, about, { quote, together }) {
  const gone = Boolean(message.revoked_at);
  const shown = message.reactions.filter((reaction) => reaction.current);
  return h("li", { class: `message ${message.direction}${together ? " together" : ""}${shown.length ? " reacted" : ""}`, "data-status": message.status ?? "" },
    h("div", { class: "bubble" },
      h("span", { class: "unseen" }, message.direction === "in" ? "Customer:" : `${authorOf(message, about)}:`),
      message.direction === "out" && !together ? h("p", { class: "author", "aria-hidden": "true" }, authorOf(message, about)) : null,
      message.quoted ? quoted(message.quoted) : null,
      gone ? h("p", { class: "gone" }, "This message was deleted") : contents(message, about),
      h("p", { class: "meta" },
        message.edited_at && !gone ? h("span", { title: edits(message) }, "edited") : null,
        time(message.at),
        message.direction === "out" ? status(message) : null),
      reactions(shown)),
    gone || !about.can("conversations.reply") ? null
      : h("button", {
        type: "button", class: "answer", title: "Answer", "aria-label": `Answer: ${(message.text || words(message.kind)).slice(0, 60)}`,
        onclick: () => quote(message),
      }, icon("answer")));
}

function authorOf(message, about) {
  if (message.from_phone) return "From the phone";
  if (message.automatic) return "Automatic";
  return message.author_id ? about.userName(message.author_id) : "Blazz";
}

function quoted(message) {
  return h("blockquote", { dir: "auto" },
    h("span", { class: "unseen" }, "Answers: "), message.text || words(message.kind));
}

const edits = (message) => `Edited ${message.edits.length} times`.replace(" 1 times", " once");

const reactions = (shown) => (shown.length ? h("p", { class: "reactions" }, shown.map((reaction) =>
  h("span", { role: "img", "aria-label": `${reaction.by === "customer" ? "Customer" : "We"} reacted with ${reaction.emoji}` }, reaction.emoji))) : null);

function status(message) {
  const said = STATUSES[message.status] ?? message.status ?? "Queued";
  const why = ["failed", "suppressed", "expired"].includes(message.status) && message.reason ? `: ${message.reason}` : "";
  return h("span", { class: `status ${message.status}` }, ticks(TICKS[message.status] ?? 0), `${said}${why}`);
}

const ticks = (count) => (count ? svg("svg", { viewBox: "0 0 18 12", width: 16, height: 11, "aria-hidden": "true" },
  svg("path", { d: count === 2 ? "M1 6.500l3.500 3.500L11 3M7 9l1 1 7-7" : "M3 6.500l3.500 3.500L13 3" })) : null);

/** What the server has not taken yet, or will not take. */
export function pendingRow(item, about, { outbox }) {
  const words = { sending: item.note ? "Keeping…" : "Sending…", away: "Waits until Blazz answers again", refused: `Not sent: ${item.why}` };
  const button = (name, onclick) => h("button", { type: "button", class: "quiet", onclick }, name);
  const body = [h("p", { class: "text", dir: "auto" }, item.shown), h("p", { class: "meta" },
    h("span", { class: `status ${item.state === "refused" ? "failed" : item.state}` }, words[item.state]),
    item.state === "sending" ? null : button("Try again", () => outbox.again(item.key)),
    item.state === "sending" ? null : button("Edit", () => outbox.edit(item.key)),
    item.state === "sending" ? null : button("Discard", () => outbox.discard(item.key)))];
  return item.note ? h("li", { class: "note pending" }, h("div", {}, body))
    : h("li", { class: "message out pending", "data-status": item.state }, h("div", { class: "bubble" }, body));
}

export const noteRow = (note, about) =>
  h("li", { class: "note" }, h("div", {},
    h("p", { class: "author" }, icon("note"), h("span", {}, `Note by ${about.userName(note.author_id)}`)),
    h("p", { class: "text", dir: "auto" }, note.text), h("p", { class: "meta" }, time(note.at))));

export function callRow(call) {
  const from = call.direction === "out" || call.direction === "outbound" ? "Outgoing" : "Incoming";
  const lasted = call.seconds ? `, ${Math.floor(call.seconds / 60)}:${String(call.seconds % 60).padStart(2, "0")} min` : "";
  return h("li", { class: "call" }, h("span", {}, icon("phone"), `${from} ${call.video ? "video " : ""}call: ${call.status ?? "reported"}${lasted} `,
    time(call.ringing_at ?? call.ended_at)));
}
