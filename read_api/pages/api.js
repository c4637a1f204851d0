// The two APIs: who is signed in, in all tabs together, and own writes that are seen.
import { ask, carry, read, Refused, tell } from "./wire.js";

export { Away, happenings, Refused } from "./wire.js";

const COMMANDS = document.querySelector("meta[name=blazz-commands]").content;
const KEPT = "blazz.session";

let access = "";
let position = 0;
let renewing = null;
let session = read(localStorage.getItem(KEPT))?.session ?? null;

export const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

async function request(origin, method, path, { body, headers = {}, ...how } = {}) {
  const given = { ...headers };
  if (access) given.Authorization = `Bearer ${access}`;
  if (body !== undefined) given["Content-Type"] = "application/json";
  const content = body === undefined ? undefined : JSON.stringify(body);
  const answer = await ask(origin, method, path, { ...how, headers: given, body: content });
  if (method !== "GET") position = Math.max(position, Number(answer.headers.get("Blazz-Position") ?? 0));
  return answer.said;
}

/** With a fresh token where the old one has expired. */
async function known(asking) {
  if (!access) await renew();
  const used = access;
  try {
    return await asking();
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
  }
  if (access === used) access = "";
  if (!access) await renew();
  return asking();
}

/** Reads; the answer holds every own write, and what has happened up to `least`. */
export function get(path, query = {}, least = 0) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const search = given.length ? `?${new URLSearchParams(given)}` : "";
  const wanted = Math.max(position, least);
  const headers = wanted ? { "Blazz-Min-Position": String(wanted), Prefer: "wait=10" } : {};
  return known(() => request("", "GET", path + search, { headers }));
}

/** All pages of a list that is not long. */
export async function all(path) {
  const items = [];
  for (let after = ""; after !== null;) {
    const page = await get(path, { limit: 100, after });
    items.push(...page.items);
    after = items.length < 1000 ? page.next : null;
  }
  return items;
}

/** A command. The same key again does it once, however often it is sent. */
export const post = (path, body = {}, key = newKey()) =>
  known(() => request(COMMANDS, "POST", path, { body, headers: { "Idempotency-Key": key } }));

export const patch = (path, body) => known(() => request(COMMANDS, "PATCH", path, { body }));

export const remove = (path) => known(() => request(COMMANDS, "DELETE", path));

/** The bytes of a stored file. */
export const bytes = (id) => known(() => request("", "GET", `/v1/files/${id}`, { file: true }));

/** Stores a file; the answer has its id. */
export const store = (file, key, progress, stopped) => known(() => carry(
  COMMANDS, `/v1/files?${new URLSearchParams({ filename: file.name })}`,
  { Authorization: `Bearer ${access}`, "Content-Type": file.type || "application/octet-stream", "Idempotency-Key": key },
  file, progress, stopped));

/** A ticket for the stream, which is opened without headers. */
export const ticket = () => known(() => request("", "POST", "/v1/stream/tickets", { patient: false }));

function entered(tokens) {
  access = tokens.access_token;
  session = tokens.id;
  localStorage.setItem(KEPT, JSON.stringify({ session, refresh: tokens.refresh_token }));
}

export async function signIn(credentials) {
  access = "";
  entered(await request(COMMANDS, "POST", "/v1/sessions", { body: credentials, patient: false }));
}

export const mayReturn = () => localStorage.getItem(KEPT) !== null;

/** A refresh token is good once: all tabs take turns, and each uses what the last one has left. */
export function renew() {
  const alone = navigator.locks ? (task) => navigator.locks.request("blazz.session", task) : (task) => task();
  renewing ??= alone(renewed).finally(() => { renewing = null; });
  return renewing;
}

async function renewed() {
  const kept = read(localStorage.getItem(KEPT));
  try {
    if (!kept) throw new Refused(401, { detail: "Sign in." });
    entered(await request(COMMANDS, "POST", "/v1/sessions/refresh", { body: { refresh_token: kept.refresh } }));
  } catch (error) {
    if (error instanceof Refused) over();
    throw error;
  }
}

function over() {
  access = "";
  session = null;
  localStorage.removeItem(KEPT);
  tell("signed-out");
}

/** Somebody wanted it so: nothing of what they wrote stays behind. */
function left() {
  sessionStorage.clear();
  over();
}

export async function signOut() {
  try {
    if (session) await remove(`/v1/sessions/${session}`);
  } catch { /* it ends by itself */ }
  left();
}

// Another tab has signed out, or in as somebody else.
window.addEventListener("storage", (event) => {
  if (event.key !== KEPT && event.key !== null) return;
  const kept = read(localStorage.getItem(KEPT));
  if (!kept && session) left();
  else if (kept && kept.session !== session) location.reload();
});
