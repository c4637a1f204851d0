// A file that goes with a reply: stored while one still writes, with its progress, or why not.
import { Away, newKey, store } from "./api.js";
import { announce, fill, h } from "./dom.js";
import { size } from "./files.js";
import { icon } from "./icons.js";

const MEBIBYTE = 1048576;
const KINDS = [
  ["image", /^image\/(jpeg|png)$/, 5 * MEBIBYTE], ["sticker", /^image\/webp$/, 500 * 1024],
  ["video", /^video\/(mp4|3gpp)$/, 16 * MEBIBYTE], ["audio", /^audio\/(aac|mp4|mpeg|amr|ogg)$/, 16 * MEBIBYTE],
  ["document", /./, 100 * MEBIBYTE],
];
const ACCEPTED = "image/jpeg,image/png,image/webp,video/mp4,video/3gpp,audio/*,text/plain,application/pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx";

const limitsOf = (file) => KINDS.find(([, type]) => type.test(file.type)) ?? KINDS.at(-1);
const kindOf = (file) => limitsOf(file)[0];

/** `changed()` when there is a file, no more, or when it has arrived. */
export function attaching(changed) {
  let held = null;
  const input = h("input", {
    type: "file", class: "unseen", tabindex: "-1", accept: ACCEPTED, "aria-label": "File",
    onchange: () => { if (input.files[0]) put(input.files[0]); input.value = ""; },
  });
  const button = h("button", { type: "button", class: "icon-only", title: "Attach a file", "aria-label": "Attach a file", onclick: () => input.click() }, icon("clip"));
  const element = h("div", { class: "attached", hidden: true });

  function put(file) {
    drop();
    held = { file, key: newKey(), id: "", why: "", passing: false, stop: new AbortController() };
    const [kind, , most] = limitsOf(file);
    // Said here: a server that refuses so much in the middle is heard by few browsers.
    if (file.size > most) held.why = `A file sent as ${kind} has at most ${size(most)}.`;
    if (held.why) draw(null);
    else begin();
  }

  async function begin() {
    const mine = held;
    const bar = h("progress", { max: 1, value: 0, "aria-label": `Storing ${mine.file.name}` });
    mine.why = "";
    draw(bar);
    try {
      mine.id = (await store(mine.file, mine.key, (share) => { bar.value = share; }, mine.stop.signal)).id;
      if (mine === held) announce(`${mine.file.name} is attached`);
    } catch (error) {
      if (error.name === "AbortError") return;
      mine.why = error.message;
      mine.passing = error instanceof Away;
    }
    if (mine === held) draw(null);
  }

  function draw(bar) {
    element.hidden = !held;
    if (held) {
      fill(element, icon("file"), h("span", { class: "grow", dir: "auto" }, held.file.name, " ", h("small", {}, size(held.file.size))), bar,
        held.why ? h("span", { class: "problem", role: "alert" }, held.why) : null,
        held.passing ? h("button", { type: "button", class: "quiet", onclick: begin }, "Try again") : null,
        h("button", { type: "button", class: "bare", "aria-label": `Remove ${held.file.name}`, onclick: () => { drop(); button.focus(); } }, icon("close")));
    }
    changed();
  }

  function drop() {
    held?.stop.abort();
    held = null;
    fill(element);
    draw(null);
  }

  return {
    element, button, input, put, drop,
    has: () => Boolean(held),
    ready: () => !held || Boolean(held.id),
    /** What the reply says of it. */
    body: () => ({ kind: kindOf(held.file), file_id: held.id, ...(kindOf(held.file) === "document" ? { filename: held.file.name.slice(-240) } : {}) }),
    name: () => held.file.name,
    captioned: () => !["audio", "sticker"].includes(kindOf(held.file)),
  };
}
