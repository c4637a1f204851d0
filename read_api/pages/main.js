// Signing in, the three views, and what a push brings to them.
import { all, get, happenings, mayReturn, renew, signIn, signOut } from "./api.js";
import { campaigns } from "./campaigns.js";
import { conversations } from "./conversations.js";
import { byId, fill } from "./dom.js";
import { follow } from "./live.js";
import { notifications } from "./notifications.js";
import { avatar, company } from "./people.js";

const TOPICS = {
  conversations: "conversations.read", messages: "conversations.read",
  campaigns: "campaigns.read", notifications: "notifications.read",
};
const VIEWS = { conversations, campaigns, notifications };
const NEEDED = { conversations: "conversations.read", campaigns: "campaigns.read", notifications: "notifications.read" };
const GATHER_MS = 40;

let shown = null;

function door(problem = "") {
  shown?.end();
  shown = null;
  byId("app").hidden = true;
  byId("door").hidden = false;
  byId("sign-in-problem").textContent = problem;
  document.title = "Blazz inbox";
  const form = byId("sign-in");
  const given = new URLSearchParams(location.hash.startsWith("#sign-in?") ? location.hash.slice(9) : "");
  for (const name of ["workspace_id", "email"]) {
    if (given.get(name) && !form.elements[name].value) form.elements[name].value = given.get(name);
  }
  [...form.querySelectorAll("input")].find((input) => !input.value)?.focus();
}

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  button.disabled = true;
  byId("sign-in-problem").textContent = "";
  try {
    const fields = Object.fromEntries(new FormData(form));
    await signIn({ ...fields, workspace_id: fields.workspace_id.trim(), email: fields.email.trim() });
    form.elements.password.value = "";
    if (location.hash.startsWith("#sign-in")) history.replaceState(null, "", "#conversations");
    await enter();
  } catch (error) {
    byId("sign-in-problem").textContent = error.message;
    form.elements.password.focus();
  } finally {
    button.disabled = false;
  }
});

byId("sign-out").addEventListener("click", signOut);
// The address says what is open: it stays.
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); byId("main").focus(); });
happenings.addEventListener("signed-out", () => { if (shown || byId("door").hidden) door(); });
happenings.addEventListener("away", () => trouble("Blazz does not answer. Trying again…"));
happenings.addEventListener("busy", (event) => trouble(`Blazz is asked too much at once. Going on in ${event.detail} s…`));
happenings.addEventListener("calm", () => trouble(""));
happenings.addEventListener("back", () => {
  trouble("");
  if (shown) shown.anew();
  else if (mayReturn()) enter().catch(() => door());
});

function trouble(words) {
  byId("trouble").textContent = words;
  byId("trouble").hidden = !words;
}

async function enter() {
  const me = await get("/v1/me");
  const can = (permission) => me.permissions.includes(permission);
  const [users, accounts, teams] = await Promise.all([
    can("people.read") ? all("/v1/users") : [], can("numbers.read") ? all("/v1/accounts") : [],
    can("conversations.read") ? all("/v1/teams") : [],
  ]);
  byId("door").hidden = true;
  byId("app").hidden = false;
  // Drafts and unsent answers outlive a session that ended by itself, but are nobody else's.
  if (sessionStorage.getItem("blazz.user") !== me.user?.user_id) sessionStorage.clear();
  sessionStorage.setItem("blazz.user", me.user?.user_id ?? "");
  const name = me.user?.name || me.user?.email || "";
  byId("workspace").textContent = me.workspace?.name ?? "";
  byId("who").title = `${name}, ${me.role ?? ""}`;
  fill(byId("who"), avatar(name), name);
  shown?.end();
  shown = app(company(me, users, accounts, teams));
}

function app(about) {
  const views = {};
  for (const [name, make] of Object.entries(VIEWS)) {
    const allowed = about.can(NEEDED[name]);
    document.querySelector(`nav a[href="#${name}"]`).hidden = !allowed;
    if (allowed) views[name] = make(byId(name), about);
  }
  let waiting = [];
  const stop = follow(Object.keys(TOPICS).filter((topic) => about.can(TOPICS[topic])), {
    heard(item) {
      if (!waiting.length) setTimeout(pass, GATHER_MS);
      waiting.push(item);
    },
    anew,
    connected(is) {
      byId("live").textContent = is ? "Live" : "Connecting…";
      byId("live").classList.toggle("on", is);
    },
  });

  function pass() {
    const items = waiting;
    waiting = [];
    const position = Math.max(...items.map((item) => item.position ?? 0));
    for (const view of Object.values(views)) view.changed(items, position);
  }

  function anew() {
    for (const view of Object.values(views)) view.reload();
  }

  function route() {
    const [name, id, at] = location.hash.slice(1).split("/");
    const chosen = views[name] ? name : Object.keys(views)[0];
    for (const other of Object.keys(VIEWS)) {
      byId(other).hidden = other !== chosen;
      const link = document.querySelector(`nav a[href="#${other}"]`);
      if (other === chosen) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    document.body.classList.toggle("reading", chosen === "conversations" && Boolean(id));
    views[chosen]?.show(id ?? null, at ?? null);
  }

  window.addEventListener("hashchange", route);
  route();
  anew();
  return {
    anew,
    end() {
      stop();
      window.removeEventListener("hashchange", route);
      for (const view of Object.values(views)) view.end?.();
      for (const name of Object.keys(VIEWS)) byId(name).replaceChildren();
    },
  };
}

if (mayReturn()) renew().then(enter).catch((error) => { if (byId("app").hidden) door(error.status === 401 ? "" : error.message); });
else door();
