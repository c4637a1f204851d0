// Who is who: colleagues, teams, numbers and customers, as they are called and shown.
import { h } from "./dom.js";

export const nameOf = (item) =>
  [item.first_name, item.last_name].filter(Boolean).join(" ") || item.phone || "Unknown number";

const HUES = 6;

/** A disc with the first letters of the name, always in the same colour. */
export function avatar(name, more = "") {
  const words = name.replace(/^\+/, "").split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words.at(-1)[0] : (words[0] ?? "?").slice(0, 1);
  const hue = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % HUES;
  return h("span", { class: `avatar hue${hue} ${more}`, "aria-hidden": "true" }, letters.toUpperCase());
}

/** What is known of the workspace to whoever is signed in. */
export function company(me, users, accounts, teams) {
  const byUser = new Map(users.map((user) => [user.user_id, user]));
  const byTeam = new Map(teams.map((team) => [team.team_id, team]));
  return {
    me,
    mine: me.user?.user_id ?? null,
    can: (permission) => me.permissions.includes(permission),
    users: users.filter((user) => user.status === "active"),
    teams,
    accounts: new Map(accounts.map((account) => [account.account_id, account])),
    labels: new Set(),
    userName(id) {
      const user = byUser.get(id);
      return user ? user.name || user.email : "a colleague";
    },
    teamName: (id) => byTeam.get(id)?.name ?? "a team",
    inTeam: (id, user) => (byTeam.get(id)?.members ?? []).includes(user),
  };
}
