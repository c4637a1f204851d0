// Which conversations the list shows. What was chosen stays as long as the tab.
import { fill, h, number } from "./dom.js";
import { icon } from "./icons.js";
import { popup } from "./popup.js";
import { read } from "./wire.js";

const KEPT = "blazz.filters";
const WHOSE = [["", "All"], ["me", "Mine"], ["none", "Unassigned"]];
const STATUSES = [["open", "Open"], ["pending", "Pending"], ["snoozed", "Snoozed"], ["resolved", "Resolved"], ["", "In every state"]];
const PRIORITIES = [["", "Any priority"], ["urgent", "Urgent"], ["high", "High"], ["medium", "Medium"], ["low", "Low"]];
const NOTHING = { assignee: "", status: "open", team: "", account: "", label: "", priority: "", waiting: false, unread: false };
const MORE = ["team", "account", "label", "priority", "waiting", "unread"];

export function filters(about, changed) {
  let chosen = { ...NOTHING, ...read(sessionStorage.getItem(KEPT)) };
  let counts = null;
  const whose = h("div", { class: "segments", role: "radiogroup", "aria-label": "Whose" });
  const status = select("State", STATUSES, "status");
  const badge = h("span", { class: "count" });
  const more = popup("More filters", { class: "icon-only" }, [icon("filter"), badge], build);
  const element = h("div", { class: "filters", role: "group", "aria-label": "Which conversations" }, whose, h("div", { class: "line" }, status, more));
  draw();

  function set(part) {
    chosen = { ...chosen, ...part };
    sessionStorage.setItem(KEPT, JSON.stringify(chosen));
    draw();
    changed();
  }

  function draw() {
    const focused = whose.contains(document.activeElement);
    fill(whose, WHOSE.filter(([value]) => value !== "me" || about.mine).map(([value, words]) => h("label", {},
      h("input", { type: "radio", name: "whose", value, checked: chosen.assignee === value, onchange: () => set({ assignee: value }) }),
      h("span", {}, words, counts ? h("small", {}, number(of(value))) : null))));
    if (focused) whose.querySelector("input:checked")?.focus();
    status.querySelector("select").value = chosen.status;
    const active = MORE.filter((name) => chosen[name]).length;
    badge.textContent = active || "";
    badge.setAttribute("aria-label", active ? `${active} in use` : "");
  }

  /** Of those in the chosen state. */
  function of(value) {
    return (counts.assignees ?? []).filter((one) => !chosen.status || one.status === chosen.status)
      .filter((one) => (value === "me" ? one.assignee_id === about.mine : value === "none" ? !one.assignee_id : true))
      .reduce((sum, one) => sum + one.conversations, 0);
  }

  function build(shut) {
    const teams = [["", "Any team"], ...about.teams.map((team) => [team.team_id, team.name])];
    const numbers = [["", "Any number"], ...[...about.accounts.values()].map((one) => [one.account_id, one.name || one.display_phone_number])];
    const label = h("input", {
      value: chosen.label, maxlength: 128, list: "known-labels", placeholder: "Any label",
      onchange: (event) => set({ label: event.target.value.trim() }),
    });
    return [
      check("unread", "Unread"), check("waiting", "Customer waits for an answer"),
      h("label", { class: "field" }, "Label", label, h("datalist", { id: "known-labels" }, [...about.labels].sort().map((one) => h("option", { value: one })))),
      teams.length > 1 ? select("Team", teams, "team") : null,
      numbers.length > 2 ? select("Number", numbers, "account") : null,
      select("Priority", PRIORITIES, "priority"),
      h("button", { type: "button", onclick: () => { set({ ...NOTHING, assignee: chosen.assignee, status: chosen.status }); shut(); } }, "Clear"),
    ];
  }

  const check = (name, words) => h("label", { class: "check" },
    h("input", { type: "checkbox", checked: chosen[name], onchange: (event) => set({ [name]: event.target.checked }) }), words);

  function select(label, choices, name) {
    return h("label", { class: "field" }, h("span", { class: name === "status" ? "unseen" : "" }, label),
      h("select", { onchange: (event) => set({ [name]: event.target.value }) },
        choices.map(([value, words]) => h("option", { value, selected: chosen[name] === value }, words))));
  }

  return {
    element,
    /** What the list is asked with. Whether something is unread is only known of each item. */
    query: () => ({ ...chosen, waiting: chosen.waiting ? "true" : "", unread: "" }),
    fits: (item) => !chosen.unread || item.unread > 0,
    partial: () => chosen.unread,
    narrowed: () => Object.keys(NOTHING).some((name) => chosen[name] !== NOTHING[name]),
    reset: () => set(NOTHING),
    counted(found) { counts = found; draw(); },
  };
}
