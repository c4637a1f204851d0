// The box for answers and notes. With the window closed it offers templates, and says why.
import { get, post } from "./api.js";
import { announce, fill, h, left } from "./dom.js";

const LONGEST = 4096;

export function composer(about, { sent, item }) {
  let id = null;
  let answers = null;
  let key = "";
  let templates = null;
  let busy = false;
  const drafts = new Map();

  const text = h("textarea", { id: "reply", rows: 2, maxlength: LONGEST, dir: "auto", placeholder: "Write an answer" });
  const label = h("label", { class: "unseen", for: "reply" }, "Answer");
  const note = h("input", { type: "checkbox" });
  const hint = h("span", { class: "hint", id: "reply-hint" });
  const problem = h("p", { class: "problem", role: "alert" });
  const quoting = h("div", { class: "quoting", hidden: true });
  const send = h("button", { type: "submit", class: "main" }, "Send");
  const picker = h("div", { class: "picker" });
  text.setAttribute("aria-describedby", "reply-hint");
  const element = h("form", { class: "composer", "aria-label": "Answer" }, quoting, picker, label, text, problem,
    h("div", { class: "line" }, h("label", { class: "check" }, note, "Note for colleagues"), hint, send));
  element.hidden = !about.can("conversations.reply");

  element.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); submit(); }
    if (event.key === "Escape" && answers) quote(null);
  });
  text.addEventListener("input", () => { key = ""; drafts.set(id, text.value); });
  note.addEventListener("change", mode);

  const windowed = () => about.accounts.get(item()?.account_id)?.provider !== "waha";
  const until = () => item()?.window_until;
  const closed = () => windowed() && (!until() || new Date(until()) <= new Date());

  function mode() {
    const shut = closed() && !note.checked;
    const known = item() !== null;
    element.classList.toggle("noting", note.checked);
    text.hidden = shut && known;
    picker.hidden = !(shut && known);
    label.textContent = note.checked ? "Note for colleagues" : "Answer";
    text.placeholder = note.checked ? "Only colleagues see this" : "Write an answer";
    if (!known) hint.textContent = "";
    else if (note.checked) hint.textContent = "Ctrl+Enter keeps it";
    else if (shut) hint.textContent = "";
    else hint.textContent = windowed() ? `Window closes in ${left(until())} · Ctrl+Enter sends` : "Ctrl+Enter sends";
    send.textContent = note.checked ? "Keep note" : shut ? "Send template" : "Send";
    if (shut && known) offer();
    else fill(picker); // what is hidden must not be asked for
  }

  async function offer() {
    if (picker.childElementCount) return;
    fill(picker, h("p", {}, "The 24-hour window is closed: the customer has to write first, or you send a template."));
    try {
      templates ??= (await get("/v1/templates", { limit: 100 })).items;
    } catch (error) {
      problem.textContent = error.message;
      return;
    }
    const fit = templates.filter((one) => one.status === "approved" && one.account_id === item()?.account_id);
    const fields = h("div", { class: "variables" });
    const choice = h("select", { name: "template", onchange: () => chosen() },
      fit.map((one) => h("option", { value: one.template_id }, `${one.name} (${one.language})`)));
    picker.append(fit.length ? h("label", {}, "Template ", choice) : h("p", {}, "There is no approved template for this number."), fields);
    const chosen = () => {
      const one = fit.find((each) => each.template_id === choice.value);
      fill(fields, one ? h("p", { class: "body", dir: "auto" }, one.body) : null,
        (one?.variables ?? []).map((name) => h("label", {}, name, " ", h("input", { name: `v:${name}`, required: true, value: guess(name) }))));
      key = "";
    };
    chosen();
  }

  const guess = (name) => (/name/i.test(name) || name === "1" ? item()?.first_name ?? "" : "");

  function body() {
    if (note.checked) return { text: text.value };
    const given = new FormData(element);
    if (closed()) {
      const variables = [...given].filter(([name]) => name.startsWith("v:")).map(([name, value]) => [name.slice(2), value]);
      return { kind: "template", template_id: given.get("template"), variables: Object.fromEntries(variables) };
    }
    return { text: text.value, ...(answers ? { answers: answers.message_id } : {}) };
  }

  async function submit() {
    const noting = note.checked;
    const wanted = body();
    if (busy || !id || ("text" in wanted ? !wanted.text.trim() : !wanted.template_id)) return;
    busy = true;
    send.disabled = true;
    problem.textContent = "";
    key ||= crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    const mine = id;
    try {
      await post(`/v1/conversations/${mine}/${noting ? "notes" : "messages"}`, wanted, key);
      drafts.delete(mine);
      if (mine === id) {
        text.value = "";
        note.checked = false;
        quote(null);
        mode();
        announce(noting ? "Note kept" : "Sent");
        await sent();
      }
      key = "";
    } catch (error) {
      problem.textContent = error.message;
    } finally {
      busy = false;
      send.disabled = false;
      if (!text.hidden) text.focus();
    }
  }

  function quote(message) {
    answers = message;
    quoting.hidden = !message;
    key = "";
    fill(quoting, message ? [h("span", { dir: "auto" }, `Answers: ${message.text || message.kind}`),
      h("button", { type: "button", class: "quiet", onclick: () => { quote(null); text.focus(); } }, "Do not quote")] : null);
    if (message && !text.hidden) text.focus();
  }

  return {
    element,
    quote,
    problem(words) { problem.textContent = words; },
    show(wanted) {
      if (wanted !== id) {
        id = wanted;
        text.value = drafts.get(id) ?? "";
        note.checked = false;
        problem.textContent = "";
        key = "";
        fill(picker);
        quote(null);
      }
      mode();
    },
  };
}
