// Files of a conversation: fetched with the token when they are seen, or when one asks for them.
import { bytes, post } from "./api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

const KEPT = 60;
const AT_ONCE = 4 * 1024 * 1024;
const urls = new Map();

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); entry.target.load(); }
}, { rootMargin: "400px" });

/** An address in this page for the file's bytes. The oldest are given up again. */
function urlOf(id) {
  if (!urls.has(id)) {
    const found = bytes(id).then((blob) => URL.createObjectURL(blob));
    urls.set(id, found);
    found.catch(() => urls.delete(id));
    for (const [old, url] of urls) {
      if (urls.size <= KEPT) break;
      urls.delete(old);
      url.then(URL.revokeObjectURL, () => {});
    }
  }
  return urls.get(id);
}

export function size(count) {
  const [unit, name] = [[1e9, "GB"], [1e6, "MB"], [1e3, "KB"]].find(([each]) => count >= each) ?? [1, "B"];
  return `${(count / unit).toFixed(count / unit < 10 && unit > 1e3 ? 1 : 0)} ${name}`;
}

/** One that did not come: why, and a way to ask for it again, if that may be any use. */
function missing(file, about, may) {
  const words = `${about}: not available${file.why ? ` (${file.why})` : ""}`;
  const line = h("p", { class: "file gone" }, icon("file"), words);
  if (file.gone || !may) return line;
  const button = h("button", {
    type: "button", class: "again", "aria-label": `Fetch ${about} again`,
    async onclick() {
      button.disabled = true;
      try {
        await post(`/v1/files/${file.id}/fetch`);
        line.replaceChildren(icon("file"), `${about}: asked for again`);
      } catch (error) {
        button.replaceWith(h("span", { class: "problem", role: "alert" }, error.message));
      }
    },
  }, "Fetch again");
  line.append(" ", button);
  return line;
}

export function fileView(file, kind, name, may) {
  const about = [file.filename || name, file.size ? size(file.size) : ""].filter(Boolean).join(" · ");
  if (file.status === "failed") return missing(file, about, may);
  if (file.status !== "stored") return h("p", { class: "file gone" }, icon("file"), `${about}: on its way`);
  const type = (file.mime_type ?? "").split("/")[0];
  if (type === "image") return picture(file, kind, about);
  if (type === "audio" || type === "video") return played(file, type, about);
  return download(file, about);
}

function picture(file, kind, about) {
  const image = h("img", { alt: about, class: kind === "sticker" ? "sticker" : "" });
  const button = h("button", { type: "button", class: `picture ${kind}`, "aria-label": `Show ${about}`, onclick: () => large(image, about) }, image);
  return arriving(button, file, (url) => { image.src = url; });
}

/** What is small comes by itself, what is large when it is asked for. */
function played(file, type, about) {
  const box = h("div", { class: `player ${type}` });
  const show = (url, at) => {
    const player = h(type, { controls: true, "aria-label": about, src: url });
    box.replaceChildren(player, h("span", { class: "hint" }, about));
    if (at) player.play().catch(() => {});
  };
  const ask = h("button", {
    type: "button", class: "file",
    async onclick() {
      ask.disabled = true;
      try { show(await urlOf(file.id), true); } catch (error) { box.replaceChildren(h("p", { class: "gone" }, `${about}: ${error.message}`)); }
    },
  }, icon("play"), about);
  box.append(ask);
  return file.size <= AT_ONCE ? arriving(box, file, (url) => show(url, false)) : box;
}

function download(file, about) {
  const button = h("button", {
    type: "button", class: "file", "aria-label": `Download ${about}`,
    async onclick() {
      button.disabled = true;
      try {
        h("a", { href: await urlOf(file.id), download: file.filename || "file" }).click();
      } catch (error) {
        button.after(h("p", { class: "problem", role: "alert" }, error.message));
      }
      button.disabled = false;
    },
  }, icon("file"), about);
  return button;
}

function arriving(element, file, show) {
  element.load = async () => {
    try { show(await urlOf(file.id)); } catch (error) {
      element.replaceWith(h("p", { class: "file gone" }, icon("file"), `${file.filename || "File"}: ${error.message}`));
    }
  };
  seen.observe(element);
  return element;
}

function large(image, about) {
  const dialog = h("dialog", { class: "large", "aria-label": about, onclick: () => dialog.close(), onclose: () => dialog.remove() },
    h("img", { src: image.src, alt: about }), h("button", { type: "button", autofocus: true }, "Close"));
  document.body.append(dialog);
  dialog.showModal();
}
