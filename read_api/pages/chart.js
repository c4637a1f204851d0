// How a campaign goes, over time: one line for each stage, drawn as the figures come in.
import { h, svg } from "./dom.js";

const STAGES = ["accepted", "delivered", "read"];
const WIDTH = 600;
const HEIGHT = 120;
const MOST = 600;

export function chart() {
  const points = [];
  const lines = Object.fromEntries(STAGES.map((stage) => [stage, svg("polyline", { class: stage, "vector-effect": "non-scaling-stroke" })]));
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
    svg("path", { class: "grid", d: `M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 1}H${WIDTH}M0 1H${WIDTH}`, "vector-effect": "non-scaling-stroke" }),
    Object.values(lines));
  const span = h("span", {});
  const element = h("figure", { class: "chart" }, picture,
    h("figcaption", {}, STAGES.map((stage) => h("span", { class: `key ${stage}` }, stage === "accepted" ? "sent" : stage)), span));

  function add(item) {
    const now = Date.now();
    const last = points.at(-1);
    const values = STAGES.map((stage) => item[stage] ?? 0);
    if (last && values.every((value, at) => value === last.values[at])) return;
    points.push({ at: now, values });
    if (points.length > MOST) points.splice(1, 1);
    draw(Math.max(item.recipients ?? 0, ...values, 1));
  }

  function draw(most) {
    const from = points[0].at;
    const lasted = Math.max(points.at(-1).at - from, 1);
    for (const [at, stage] of STAGES.entries()) {
      lines[stage].setAttribute("points", points.map((point) => [
        ((point.at - from) / lasted) * WIDTH, HEIGHT - 2 - (point.values[at] / most) * (HEIGHT - 4),
      ].map((value) => value.toFixed(1)).join(",")).join(" "));
    }
    span.textContent = `${(lasted / 1000).toFixed(lasted < 10000 ? 1 : 0)} s`;
    picture.setAttribute("aria-label", `Over ${Math.round(lasted / 1000)} seconds: ${STAGES.map((stage, at) => `${points.at(-1).values[at]} ${stage}`).join(", ")}`);
  }

  return { element, add };
}
