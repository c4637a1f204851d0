// What stands in a transcript: a message with all that became of it, a note, a call.
import { h, svg, time } from "./dom.js";

const KINDS = {
  image: "Photo", video: "Video", audio: "Audio", voice: "Voice message", document: "Document",
  sticker: "Sticker", location: "Location", contacts: "Contact", template: "Template",
  order: "Order", unsupported: "A message WhatsApp does not pass on", system: "System message",
  reaction: "Reaction",
};
const STATUSES = {
  queued: "Queued", sending: "Sending", unknown: "Not known whether sent", accepted: "Sent",
  sent: "Sent", delivered: "Delivered", read: "Read", played: "Played", failed: "Failed",
  suppressed: "Not sent", cancelled: "Cancelled", expired: "Expired",
};
const TICKS = { accepted: 1, sent: 1, delivered: 2, read: 2, played: 2 };

export const nameOf = (item) =>
  [item.first_name, item.last_name].filter(Boolean).join(" ") || item.phone || "Unknown number";

const words = (kind) => KINDS[kind] ?? kind;

export function messageRow(message, about, quote) {
  const gone = Boolean(message.revoked_at);
  return h("li", { class: `message ${message.direction}`, "data-status": message.status ?? "" },
    h("div", { class: "bubble" },
      h("span", { class: "unseen" }, message.direction === "in" ? "Customer:" : `${authorOf(message, about)}:`),
      message.quoted ? quoted(message.quoted) : null,
      gone ? h("p", { class: "gone" }, "This message was deleted") : contents(message),
      reactions(message),
      h("p", { class: "meta" },
        message.direction === "out" ? h("span", {}, authorOf(message, about)) : null,
        message.edited_at && !gone ? h("span", { title: edits(message) }, "edited") : null,
        time(message.at),
        message.direction === "out" ? status(message) : null,
        gone || !about.can("conversations.reply") ? null
          : h("button", { type: "button", class: "quiet", onclick: () => quote(message), "aria-label": `Answer: ${(message.text || words(message.kind)).slice(0, 60)}` }, "Answer"))));
}

function authorOf(message, about) {
  if (message.from_phone) return "From the phone";
  if (message.automatic) return "Automatic";
  return about.users.get(message.author_id) ?? "Blazz";
}

function quoted(message) {
  return h("blockquote", { dir: "auto" },
    h("span", { class: "unseen" }, "Answers: "), message.text || words(message.kind));
}

function contents(message) {
  const parts = [];
  if (message.media) parts.push(media(message));
  else if (message.kind !== "text" && words(message.kind) !== message.kind) parts.push(h("p", { class: "kind" }, words(message.kind), place(message)));
  if (message.text) parts.push(h("p", { class: "text", dir: "auto" }, message.text));
  for (const title of titles(message.details)) parts.push(h("span", { class: "chip" }, title));
  if (!parts.length) parts.push(h("p", { class: "kind" }, words(message.kind)));
  return parts;
}

function media(message) {
  const { url, filename, mime_type: type, voice } = message.media;
  const name = [words(voice ? "voice" : message.kind), filename || type].filter(Boolean).join(" · ");
  const safe = typeof url === "string" && url.startsWith("https://");
  return h("p", { class: "media" }, safe
    ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, name) : name);
}

function place({ kind, details }) {
  if (kind !== "location" || !details) return "";
  const { name, address, latitude, longitude } = details;
  return `: ${[name, address].filter(Boolean).join(", ") || `${latitude}, ${longitude}`}`;
}

const titles = (details) =>
  (Array.isArray(details?.buttons) ? details.buttons : []).map((button) => button?.title).filter((title) => typeof title === "string");

const edits = (message) => `Edited ${message.edits.length} times`.replace(" 1 times", " once");

function reactions(message) {
  const shown = message.reactions.filter((reaction) => reaction.current);
  return shown.length ? h("p", { class: "reactions" }, shown.map((reaction) =>
    h("span", { role: "img", "aria-label": `${reaction.by === "customer" ? "Customer" : "We"} reacted with ${reaction.emoji}` }, reaction.emoji))) : null;
}

function status(message) {
  const said = STATUSES[message.status] ?? message.status ?? "Queued";
  const why = ["failed", "suppressed", "expired"].includes(message.status) && message.reason ? `: ${message.reason}` : "";
  return h("span", { class: `status ${message.status}` }, ticks(TICKS[message.status] ?? 0), `${said}${why}`);
}

const ticks = (count) => (count ? svg("svg", { viewBox: "0 0 18 12", width: 16, height: 11, "aria-hidden": "true" },
  svg("path", { d: count === 2 ? "M1 6.500l3.500 3.500L11 3M7 9l1 1 7-7" : "M3 6.500l3.500 3.500L13 3" })) : null);

export const noteRow = (note, about) =>
  h("li", { class: "note" }, h("div", {}, h("strong", {}, "Note"),
    h("p", { class: "text", dir: "auto" }, note.text),
    h("p", { class: "meta" }, about.users.get(note.author_id) ?? "A colleague", " ", time(note.at))));

export function callRow(call) {
  const from = call.direction === "out" || call.direction === "outbound" ? "Outgoing" : "Incoming";
  const lasted = call.seconds ? `, ${Math.floor(call.seconds / 60)}:${String(call.seconds % 60).padStart(2, "0")} min` : "";
  return h("li", { class: "call" }, `${from} ${call.video ? "video " : ""}call: ${call.status ?? "reported"}${lasted} `,
    time(call.ringing_at ?? call.ended_at));
}
