// What can be done with a conversation: its state, whose it is, priority, labels, a later time.
import { get, patch, post } from "./api.js";
import { announce, fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar } from "./people.js";
import { choice, choices, popup } from "./popup.js";
import { snoozing } from "./snooze.js";

const PRIORITIES = [["urgent", "Urgent"], ["high", "High"], ["medium", "Medium"], ["low", "Low"], ["none", "None"]];
const MANY = 8;
const LATER_MS = 400;
const UNDONE_BY = { reopen: "pending", pending: "reopen", resolve: "reopen" };
const PLACES = { reopen: "is open", pending: "is pending", resolve: "is resolved" };

export function deeds(about, { item, done, failed }) {
  const element = h("div", { class: "actions", role: "toolbar", "aria-label": "Actions" });
  let timer = 0;
  const path = () => `/v1/conversations/${item().conversation_id}`;

  async function carryOut(words, work) {
    element.setAttribute("aria-busy", "true");
    try {
      await work();
      announce(words);
    } catch (error) {
      failed(error.message);
    }
    element.removeAttribute("aria-busy");
    await done();
  }

  const command = (verb, body, words) => carryOut(words, () => post(`${path()}/${verb}`, body));

  /** Reads the labels first: somebody else may have put one there. */
  const label = (name, on) => carryOut(on ? `Label ${name} added` : `Label ${name} removed`, async () => {
    const { labels } = await get(path());
    const others = labels.filter((one) => one.toLowerCase() !== name.toLowerCase());
    await patch(path(), { labels: on ? [...others, name] : others });
  });

  function draw() {
    const one = item();
    clearTimeout(timer);
    if (one && element.querySelector(".popup")) { timer = setTimeout(draw, LATER_MS); return; }
    if (!one) { fill(element); return; }
    const { verb } = element.contains(document.activeElement) ? document.activeElement.dataset : {};
    fill(element,
      about.can("conversations.assign") ? assigning(one) : null,
      about.can("conversations.reply") ? [
        popup("Priority", { class: `icon-only ${one.priority}`, "data-verb": "priority" }, icon("flag"), (shut) => choices("Priority",
          PRIORITIES.map(([value, words]) => choice(words, () => { shut(); carryOut(`Priority: ${words}`, () => patch(path(), { priority: value })); },
            { chosen: one.priority === value, face: h("span", { class: `dot ${value}` }) })))),
        popup("Labels", { class: "icon-only", "data-verb": "labels" }, icon("tag"), (shut) => labelling(one, shut)),
        popup("Snooze", { class: "icon-only", "data-verb": "snooze" }, icon("clock"), (shut) => snoozing((until, words) => {
          shut();
          command("snooze", { until }, `Put aside until ${words}`);
        })),
        ...states(one),
      ] : null);
    if (verb) (element.querySelector(`[data-verb=${verb}]`) ?? element.querySelector(`[data-verb=${UNDONE_BY[verb]}]`))?.focus();
  }

  function states(one) {
    const button = (verb, words, face, main) => h("button", {
      type: "button", "data-verb": verb, class: main ? "main" : "icon-only", title: words, "aria-label": words,
      onclick: () => command(verb, {}, `The conversation ${PLACES[verb]}`),
    }, icon(face), main ? h("span", {}, words) : null);
    return [
      one.status === "pending" || one.status === "resolved" ? null : button("pending", "Mark as pending", "glass"),
      one.status === "pending" || one.status === "snoozed" ? button("reopen", "Open again", "reopen") : null,
      one.status === "resolved" ? button("reopen", "Reopen", "reopen", true) : button("resolve", "Resolve", "check", true),
    ];
  }

  function assigning(one) {
    const name = one.assignee_id ? (one.assignee_id === about.mine ? "You" : about.userName(one.assignee_id)) : one.team_id ? about.teamName(one.team_id) : "Assign";
    const face = [one.assignee_id ? avatar(about.userName(one.assignee_id), "small") : icon(one.team_id ? "users" : "user"), h("span", {}, name), icon("caret")];
    return popup(`Assigned to ${name === "Assign" ? "nobody" : name}`, { "data-verb": "assign" }, face, (shut) => {
      const give = (user, team, words) => () => { shut(); command("assign", { user_id: user, team_id: team }, words); };
      const kept = (user) => (one.team_id && about.inTeam(one.team_id, user) ? one.team_id : null);
      const others = about.users.filter((user) => user.user_id !== about.mine);
      const rows = h("div", {},
        about.mine ? choice("Me", give(about.mine, kept(about.mine), "Assigned to you"), { chosen: one.assignee_id === about.mine, face: icon("user"), "data-name": "me" }) : null,
        choice("Nobody", give(null, null, "Assigned to nobody"), { chosen: !one.assignee_id && !one.team_id, face: icon("close"), "data-name": "nobody" }),
        about.teams.map((team) => choice(team.name, give(null, team.team_id, `Assigned to ${team.name}`),
          { chosen: one.team_id === team.team_id && !one.assignee_id, face: icon("users"), hint: "Team", "data-name": team.name })),
        others.map((user) => person(user, one, give(user.user_id, kept(user.user_id), `Assigned to ${user.name || user.email}`))));
      const find = h("input", { type: "search", "aria-label": "Find a colleague or team", placeholder: "Find…", oninput: () => {
        for (const row of rows.children) row.hidden = !row.dataset.name.toLowerCase().includes(find.value.trim().toLowerCase());
      } });
      return [rows.childElementCount > MANY ? find : null, choices("Whose", rows)];
    });
  }

  const person = (user, one, onclick) => {
    const name = user.name || user.email;
    return choice(name, onclick, { chosen: one.assignee_id === user.user_id, face: avatar(name, "small"), hint: user.role, "data-name": name });
  };

  function labelling(one, shut) {
    const known = [...new Set([...one.labels, ...about.labels])].sort().slice(0, 40);
    const input = h("input", { "aria-label": "Another label", placeholder: "Another label", maxlength: 128 });
    const form = h("form", { class: "line", onsubmit: (event) => {
      event.preventDefault();
      const name = input.value.trim();
      if (name) { shut(); label(name, true); }
    } }, input, h("button", { type: "submit" }, "Add"));
    return [form, choices("Labels", known.map((name) => {
      const on = one.labels.includes(name);
      return choice(name, () => { shut(); label(name, !on); }, { chosen: on, face: icon(on ? "check" : "plus"), role: "menuitemcheckbox" });
    }))];
  }

  return { element, draw, label };
}
