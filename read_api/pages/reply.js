// The box for answers and notes. With the window closed it offers templates, and says why.
import { attaching } from "./attach.js";
import { canned } from "./canned.js";
import { fill, h, left } from "./dom.js";
import { icon } from "./icons.js";
import { templates } from "./templates.js";
import { typing } from "./typing.js";

const LONGEST = 4096;
const CAPTION = 1024;
const SOON_MS = 2 * 3600000;
const draftOf = (id) => `blazz.draft.${id}`;
const touched = matchMedia("(pointer: coarse)").matches;

export function composer(about, { item, send }) {
  let id = null;
  let answers = null;
  const text = h("textarea", { id: "reply", rows: 2, maxlength: LONGEST, dir: "auto" });
  const label = h("label", { class: "unseen", for: "reply" }, "Answer");
  const mode = (value, words, checked) => h("label", {},
    h("input", { type: "radio", name: "mode", value, checked, onchange: () => { draw(); text.focus(); } }), h("span", {}, words));
  const modes = h("div", { class: "segments", role: "radiogroup", "aria-label": "Who reads it" }, mode("reply", "Answer", true), mode("note", "Note"));
  const clock = h("span", { class: "window" });
  const hint = h("span", { class: "hint", id: "reply-hint" });
  const problem = h("p", { class: "problem", role: "alert" });
  const quoting = h("div", { class: "quoting", hidden: true });
  const submit = h("button", { type: "submit", class: "main", "data-verb": "send" });
  const ready = canned(text, drafted);
  const file = attaching(draw);
  const offered = templates(item);
  const kept = h("button", { type: "button", class: "icon-only", title: "Replies kept ready ( / )", "aria-label": "Replies kept ready", onclick: slash }, icon("bolt"));
  text.setAttribute("aria-describedby", "reply-hint");
  const tools = h("div", { class: "line" }, file.button, file.input, kept, hint, submit);
  const element = h("form", { class: "composer", "aria-label": "Answer" },
    h("div", { class: "line" }, modes, h("span", { class: "grow" }), clock), quoting, offered.element, ready.element, label, text, file.element, problem, tools);
  element.hidden = !about.can("conversations.reply");
  const ticking = setInterval(draw, 20000);

  element.addEventListener("submit", (event) => { event.preventDefault(); put(); });
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || ready.pressed(event)) return;
    const plain = !event.shiftKey && !event.altKey && !touched;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey || plain)) { event.preventDefault(); element.requestSubmit(); }
    if (event.key === "Escape" && answers) quote(null);
  });
  text.addEventListener("input", () => {
    drafted();
    ready.offer();
    if (!noting() && !closed() && text.value.trim() && !text.value.startsWith("/")) typing(id);
  });
  text.addEventListener("paste", (event) => { const [one] = event.clipboardData.files; if (one && !noting()) { event.preventDefault(); file.put(one); } });
  element.addEventListener("dragover", (event) => { if (!closed() && !noting()) event.preventDefault(); });
  element.addEventListener("drop", (event) => { const [one] = event.dataTransfer.files; if (one && !closed() && !noting()) { event.preventDefault(); file.put(one); } });

  const noting = () => element.elements.mode.value === "note";
  const windowed = () => about.accounts.get(item()?.account_id)?.provider !== "waha";
  const until = () => item()?.window_until;
  const closed = () => item() !== null && windowed() && (!until() || new Date(until()) <= new Date());

  function drafted() {
    if (text.value) sessionStorage.setItem(draftOf(id), text.value);
    else sessionStorage.removeItem(draftOf(id));
    text.rows = Math.min(10, Math.max(2, text.value.split("\n").length));
  }

  function slash() {
    text.focus();
    text.setRangeText(text.selectionStart && !/\s$/.test(text.value.slice(0, text.selectionStart)) ? " /" : "/", text.selectionStart, text.selectionEnd, "end");
    ready.offer();
  }

  function draw() {
    if (!id) return;
    const shut = closed() && !noting();
    element.classList.toggle("noting", noting());
    for (const one of [text, file.button, kept]) one.hidden = shut;
    file.button.hidden ||= noting();
    offered.show(shut);
    label.textContent = noting() ? "Note for colleagues" : "Answer";
    text.placeholder = noting() ? "Only colleagues see this" : "Write an answer, or / for replies kept ready";
    hint.textContent = shut || touched ? "" : noting() ? "Enter keeps it" : "Enter sends · Shift+Enter for a new line";
    fill(submit, icon(noting() ? "note" : "send"), h("span", {}, noting() ? "Keep note" : shut ? "Send template" : "Send"));
    submit.disabled = !noting() && !file.ready();
    remaining();
  }

  /** How long one may still write freely. */
  function remaining() {
    const open = item() && windowed() && !closed();
    fill(clock, open ? [icon("clock"), `${left(until())} left to answer`] : item() && windowed() ? [icon("clock"), "Window closed"] : []);
    clock.classList.toggle("soon", Boolean(open) && new Date(until()) - Date.now() < SOON_MS);
    clock.classList.toggle("shut", Boolean(item()) && !open);
    clock.title = open ? `WhatsApp takes free answers until ${new Date(until()).toLocaleString()}` : "";
  }

  function put() {
    const words = text.value.trim();
    const quoted = answers ? { answers: answers.message_id } : {};
    problem.textContent = "";
    if (!id || submit.disabled) return;
    if (noting()) { if (!words) return; send({ text: text.value }, text.value, true); }
    else if (closed()) {
      const template = offered.body();
      if (!template) return;
      send(template.body, template.shown, false);
      return;
    } else if (file.has()) {
      if (words.length > CAPTION) { problem.textContent = `A file's caption has at most ${CAPTION} characters; this has ${words.length}.`; return; }
      const apart = words && !file.captioned();
      send({ ...file.body(), ...(words && !apart ? { text: text.value } : {}), ...quoted }, [file.name(), apart ? "" : words].filter(Boolean).join("\n"), false);
      if (apart) send({ text: text.value }, text.value, false);
    } else if (words) send({ text: text.value, ...quoted }, text.value, false);
    else return;
    cleared();
  }

  function cleared() {
    text.value = "";
    drafted();
    file.drop();
    element.elements.mode.value = "reply";
    quote(null);
    draw();
    text.focus();
  }

  function quote(message) {
    answers = message;
    quoting.hidden = !message;
    fill(quoting, message ? [icon("answer"), h("span", { dir: "auto" }, `Answers: ${message.text || message.kind}`),
      h("button", { type: "button", class: "bare", "aria-label": "Do not quote", onclick: () => { quote(null); text.focus(); } }, icon("close"))] : null);
    if (message && !text.hidden) text.focus();
  }

  return {
    element,
    quote,
    problem(words) { problem.textContent = words; },
    /** What could not be sent, to be changed. */
    restore(sent) {
      if (!sent?.body.text) return;
      element.elements.mode.value = sent.note ? "note" : "reply";
      text.value = sent.body.text;
      drafted();
      draw();
      text.focus();
    },
    show(wanted) {
      if (wanted !== id) {
        id = wanted;
        text.value = sessionStorage.getItem(draftOf(id)) ?? "";
        drafted();
        element.elements.mode.value = "reply";
        problem.textContent = "";
        file.drop();
        ready.shut();
        quote(null);
      }
      draw();
    },
    end() { clearInterval(ticking); },
  };
}
