// Requests: problems in words, servers that are away, and servers that ask for patience.
const PATIENCE_MS = 20000;
const FILE_PATIENCE_MS = 300000;
const TRIES = 5;
const LONGEST_WAIT_S = 60;

export const happenings = new EventTarget();
export const tell = (name, detail = null) => happenings.dispatchEvent(new CustomEvent(name, { detail }));

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
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
export class Away extends Error {
  constructor(detail = "Blazz does not answer.") { super(detail); }
}

/** What the server says, and the headers of its answer. A 429 is waited for where there is time. */
export async function ask(origin, method, path, { headers, body, file = false, patient = true }) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await once(origin, method, path, headers, body, file);
    const wait = Number(answer.headers.get("Retry-After") ?? 2);
    if (answer.status !== 429 || !patient || attempt === TRIES || wait > LONGEST_WAIT_S) {
      judge(origin, answer.status, answer.said);
      return answer;
    }
    tell("busy", wait);
    await pause(1000 * wait * (1 + Math.random() / 4));
    tell("calm");
  }
}

async function once(origin, method, path, headers, body, file) {
  try {
    const answer = await fetch(origin + path, {
      method, headers, body, cache: "no-store", signal: AbortSignal.timeout(file ? FILE_PATIENCE_MS : PATIENCE_MS),
    });
    const said = file && answer.ok ? await answer.blob() : read(await answer.text());
    return { status: answer.status, headers: answer.headers, said };
  } catch {
    gone(origin);
    throw new Away();
  }
}

export function read(text) {
  try { return text ? JSON.parse(text) : null; } catch { return null; }
}

/** Throws for every answer that is not one. */
export function judge(origin, status, said) {
  if (status === 0 || ([502, 503, 504].includes(status) && said?.code !== "too_many_streams")) {
    gone(origin);
    throw new Away(said?.detail);
  }
  if (status >= 400) throw new Refused(status, said);
}

/** Asks again and again until the server answers; then everything is read anew. */
async function gone(origin) {
  if (away.has(origin)) return;
  away.add(origin);
  tell("away");
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    await pause(wait);
    try {
      const options = { cache: "no-store", signal: AbortSignal.timeout(5000) };
      if ((await fetch(`${origin}/-/ready`, options)).ok) break;
    } catch { /* still away */ }
  }
  away.delete(origin);
  if (!away.size) tell("back");
}

/** Sends a file and says how far it is. Only this kind of request can tell. */
export function carry(origin, path, headers, file, progress, stopped) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", origin + path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => progress(event.loaded / (event.total || file.size)));
    request.addEventListener("loadend", () => {
      const said = read(request.responseText);
      try {
        if (stopped.aborted) throw new DOMException("given up", "AbortError");
        judge(origin, request.status, said);
        resolve(said);
      } catch (error) {
        reject(error);
      }
    });
    stopped.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
