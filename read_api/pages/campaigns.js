// Campaigns: how far each is, moving as it goes, and a button for those not begun.
import { get, post } from "./api.js";
import { chart } from "./chart.js";
import { announce, fill, h, listed, number, state, svg, time } from "./dom.js";

const PAGE = 20;
const BARS = [["accepted", "Sent"], ["delivered", "Delivered"], ["read", "Read"], ["failed", "Failed"]];
const WORDS = {
  draft: "Draft", scheduled: "Scheduled", running: "Running", paused: "Paused",
  completed: "Complete", cancelled: "Cancelled", failed: "Failed",
};

export function campaigns(root, about) {
  let items = [];
  let next = null;
  let asked = 0;
  const lines = new Map();
  const list = h("ul", { class: "cards", "aria-label": "Campaigns" });
  const below = h("div", { class: "below" });
  fill(root, h("h2", { class: "heading" }, "Campaigns"), list, below);

  async function load(least = 0) {
    const mine = ++asked;
    if (!items.length) fill(below, state("Loading…"));
    try {
      const page = await get("/v1/campaigns", { limit: Math.min(Math.max(PAGE, items.length), 100) }, least);
      if (mine !== asked) return;
      next = page.next;
      items = page.items;
      for (const item of items) mark(item);
      render();
    } catch (error) {
      if (mine === asked && !items.length) fill(below, state(error.message, () => load()));
    }
  }

  async function more() {
    try {
      const page = await get("/v1/campaigns", { limit: PAGE, after: next });
      items = [...items, ...page.items];
      next = page.next;
      render();
    } catch (error) {
      fill(below, state(error.message, more));
    }
  }

  /** A point on the campaign's chart. */
  function mark(item) {
    if (!["running", "paused"].includes(item.status) && !lines.has(item.campaign_id)) return;
    if (!lines.has(item.campaign_id)) lines.set(item.campaign_id, chart());
    lines.get(item.campaign_id).add(item);
  }

  function render() {
    listed(list, items, (item) => item.campaign_id, card);
    if (!items.length) fill(below, state("There is no campaign yet."));
    else if (next) fill(below, h("button", { type: "button", onclick: more }, "Show more"));
    else fill(below);
  }

  function card(item) {
    const line = lines.get(item.campaign_id);
    return h("li", { class: "card campaign", "data-status": item.status },
      h("header", {}, h("h3", { dir: "auto" }, item.name), h("span", { class: `chip ${item.status}` }, WORDS[item.status] ?? item.status),
        time(item.launched_at ?? item.created_at, true), h("span", { class: "grow" }), buttons(item)),
      item.status === "draft" ? h("p", { class: "under" }, "Not begun.")
        : h("div", { class: "bars" }, BARS.map(([stage, label]) => bar(label, stage, item[stage], item.recipients))),
      item.reason ? h("p", { class: "under" }, item.reason) : null,
      line?.element ?? null);
  }

  function buttons(item) {
    if (!about.can("campaigns.send")) return null;
    const verbs = { draft: ["launch", "Launch"], scheduled: ["launch", "Launch now"], running: ["pause", "Pause"], paused: ["resume", "Resume"] };
    const [verb, words] = verbs[item.status] ?? [];
    return verb ? h("button", {
      type: "button", class: verb === "launch" ? "main" : "", "aria-label": `${words}: ${item.name}`,
      async onclick(event) {
        event.currentTarget.disabled = true;
        try {
          await post(`/v1/campaigns/${item.campaign_id}/${verb}`);
          announce(`${item.name}: ${words}`);
        } catch (error) {
          below.prepend(h("p", { class: "problem", role: "alert" }, error.message));
        }
        await load();
      },
    }, words) : null;
  }

  return {
    show() { render(); },
    changed(batch, position) {
      let again = false;
      for (const item of batch.filter((one) => one.campaign_id)) {
        const at = items.findIndex((one) => one.campaign_id === item.campaign_id);
        if (item.kind === "campaign_progress" && at >= 0 && items[at].status === item.status) {
          items[at] = { ...items[at], recipients: item.recipients, ...item.counts };
          mark(items[at]);
        } else again = true;
      }
      render();
      if (again) load(position);
    },
    reload() { load(); },
  };
}

function bar(label, stage, value, whole) {
  const share = whole ? Math.min(100, (100 * (value ?? 0)) / whole) : 0;
  const said = `${label}: ${number(value)} of ${number(whole)}`;
  return h("div", { class: `bar ${stage}` }, h("span", { class: "label" }, label),
    svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": said },
      svg("rect", { class: "whole", width: 100, height: 8 }),
      svg("rect", { class: "part", width: share.toFixed(2), height: 8, "data-value": value ?? 0 })),
    h("span", { class: "value" }, number(value)), h("span", { class: "share" }, whole ? `${share.toFixed(share < 10 ? 1 : 0)} %` : ""));
}
