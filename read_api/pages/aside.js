// What stands between the messages: notes, calls. As much of it as there are messages.
import { get } from "./api.js";

const PAGE = 40;

export function aside(path, query, key) {
  const found = new Map();
  let next = null;
  let begun = false;

  function keep(page) {
    for (const item of page.items) found.set(item[key], item);
  }

  return {
    get items() { return [...found.values()]; },
    has: (id) => found.has(id),
    /** The latest ones, and all back to a place. */
    async news(least, place) {
      const page = await get(path, { ...query, limit: PAGE }, least);
      keep(page);
      const last = page.items.at(-1);
      for (const item of found.values()) if ((!page.next || item.place > last?.place) && !page.items.some((one) => one[key] === item[key])) found.delete(item[key]);
      if (!begun) next = page.next;
      begun = true;
      while (next && [...found.values()].every((item) => item.place > place)) {
        const older = await get(path, { ...query, limit: PAGE, after: next });
        keep(older);
        next = older.next;
      }
    },
  };
}
