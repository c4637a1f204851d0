// The two APIs: who is signed in, own writes that are seen, and servers that are away.
const COMMANDS = document.querySelector("meta[name=blazz-commands]").content;
const KEPT = "blazz.refresh";
const PATIENCE_MS = 20000;

export const happenings = new EventTarget();
const tell = (name) => happenings.dispatchEvent(new Event(name));

let access = "";
let position = 0;
let renewing = null;
let session = null;
const away = new Set();

/** An answer that is a problem; its words are meant for people. */
export class Refused extends Error {
  constructor(status, problem) {
    const more = (problem?.errors ?? []).map((error) => error.detail).join("; ");
    super(more || problem?.detail || `the server says ${status}`);
    this.status = status;
    this.code = problem?.code ?? "";
  }
}

/** No answer at all, or that of a server which cannot work. */
export class Away extends Error {}

async function ask(origin, method, path, { body, headers = {} } = {}) {
  const given = { ...headers };
  if (access) given.Authorization = `Bearer ${access}`;
  if (body !== undefined) given["Content-Type"] = "application/json";
  let answer;
  let said = null;
  try {
    answer = await fetch(origin + path, {
      method, headers: given, body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.text();
    try { said = text ? JSON.parse(text) : null; } catch { said = null; }
  } catch {
    gone(origin);
    throw new Away("Blazz does not answer.");
  }
  if ([502, 503, 504].includes(answer.status) && said?.code !== "too_many_streams") {
    gone(origin);
    throw new Away(said?.detail ?? "Blazz cannot work just now.");
  }
  if (!answer.ok) throw new Refused(answer.status, said);
  position = Math.max(position, Number(answer.headers.get("Blazz-Position") ?? 0) * (method === "GET" ? 0 : 1));
  return said;
}

/** With a fresh token where the old one has expired. */
async function known(origin, method, path, given) {
  if (!access) await renew();
  try {
    return await ask(origin, method, path, given);
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error;
  }
  access = "";
  await renew();
  return ask(origin, method, path, given);
}

/** Reads; the answer holds every own write, and what has happened up to `least`. */
export function get(path, query = {}, least = 0) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const search = given.length ? `?${new URLSearchParams(given)}` : "";
  const wanted = Math.max(position, least);
  const headers = wanted ? { "Blazz-Min-Position": String(wanted), Prefer: "wait=10" } : {};
  return known("", "GET", path + search, { headers });
}

/** A command. The same key again does it once, however often it is sent. */
export const post = (path, body = {}, key = crypto.randomUUID?.() ?? String(Math.random())) =>
  known(COMMANDS, "POST", path, { body, headers: { "Idempotency-Key": key } });

export const remove = (path) => known(COMMANDS, "DELETE", path);

/** A ticket for the stream, which is opened without headers. */
export const ticket = () => known("", "POST", "/v1/stream/tickets");

function entered(tokens) {
  access = tokens.access_token;
  session = tokens.id;
  sessionStorage.setItem(KEPT, tokens.refresh_token);
}

export async function signIn(credentials) {
  access = "";
  entered(await ask(COMMANDS, "POST", "/v1/sessions", { body: credentials }));
}

export const mayReturn = () => sessionStorage.getItem(KEPT) !== null;

/** A refresh token is good once: all who need a new access token wait for the same one. */
export function renew() {
  renewing ??= renewed().finally(() => { renewing = null; });
  return renewing;
}

async function renewed() {
  const kept = sessionStorage.getItem(KEPT);
  try {
    if (!kept) throw new Refused(401, { detail: "Sign in." });
    entered(await ask(COMMANDS, "POST", "/v1/sessions/refresh", { body: { refresh_token: kept } }));
  } catch (error) {
    if (error instanceof Refused) over();
    throw error;
  }
}

function over() {
  access = "";
  session = null;
  sessionStorage.removeItem(KEPT);
  tell("signed-out");
}

export async function signOut() {
  try {
    if (session) await remove(`/v1/sessions/${session}`);
  } catch { /* it ends by itself */ }
  over();
}

/** Asks again and again until the server answers; then everything is read anew. */
async function gone(origin) {
  if (away.has(origin)) return;
  away.add(origin);
  tell("away");
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    await new Promise((resolve) => { setTimeout(resolve, wait); });
    try {
      const options = { cache: "no-store", signal: AbortSignal.timeout(5000) };
      if ((await fetch(`${origin}/-/ready`, options)).ok) break;
    } catch { /* still away */ }
  }
  away.delete(origin);
  if (!away.size) tell("back");
}
