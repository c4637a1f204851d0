// What a message says: its text, its file, a place, people, buttons, an order.
import { h } from "./dom.js";
import { fileView } from "./files.js";

const KINDS = {
  image: "Photo", video: "Video", audio: "Audio", voice: "Voice message", document: "Document",
  sticker: "Sticker", location: "Location", contacts: "Contact", template: "Template",
  order: "Order", unsupported: "A message WhatsApp does not pass on", system: "System message",
  reaction: "Reaction",
};

export const words = (kind) => KINDS[kind] ?? kind;

export function contents(message, about) {
  const parts = [];
  if (message.file) parts.push(fileView(message.file, message.kind, words(message.media?.voice ? "voice" : message.kind), about.can("conversations.reply")));
  else if (message.media) parts.push(media(message));
  else if (message.kind !== "text" && words(message.kind) !== message.kind) parts.push(h("p", { class: "kind" }, words(message.kind), place(message), people(message)));
  if (message.text) parts.push(h("p", { class: "text", dir: "auto" }, message.text));
  const named = titles(message.details);
  if (named.length) parts.push(h("p", { class: "buttons" }, named.map((title) => h("span", { class: "chip" }, title))));
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

function people({ kind, details }) {
  if (kind !== "contacts" || !Array.isArray(details?.contacts)) return "";
  return `: ${details.contacts.map((one) => one?.name?.formatted_name).filter((name) => typeof name === "string").join(", ")}`;
}

const titles = (details) =>
  (Array.isArray(details?.buttons) ? details.buttons : []).map((button) => button?.title).filter((title) => typeof title === "string");
