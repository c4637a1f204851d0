// Where the 24-hour window is closed: an approved template of the number, with its variables.
import { all } from "./api.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

let known = null;

export function templates(item) {
  let account = null;
  const element = h("div", { class: "picker", hidden: true });

  async function offer() {
    if (account === item()?.account_id && element.childElementCount) return;
    account = item()?.account_id ?? null;
    const fields = h("div", { class: "variables" });
    const said = h("p", { class: "closed" }, icon("clock"), "The 24-hour window is closed: the customer has to write first, or you send a template.");
    fill(element, said);
    try {
      known ??= await all("/v1/templates");
    } catch (error) {
      fill(element, said, h("p", { class: "problem" }, error.message), h("button", { type: "button", onclick: () => { account = null; offer(); } }, "Try again"));
      return;
    }
    if (account !== item()?.account_id) return;
    const fit = known.filter((one) => one.status === "approved" && one.account_id === account);
    const choice = h("select", { name: "template", onchange: () => chosen() },
      fit.map((one) => h("option", { value: one.template_id }, `${one.name} (${one.language})`)));
    const chosen = () => {
      const one = fit.find((each) => each.template_id === choice.value);
      fill(fields, one ? h("p", { class: "body", dir: "auto" }, one.body) : null,
        (one?.variables ?? []).map((name) => h("label", { class: "field" }, name, h("input", { name: `v:${name}`, required: true, value: guess(name) }))));
    };
    fill(element, said, fit.length ? h("label", { class: "field" }, "Template", choice) : h("p", {}, "There is no approved template for this number."), fields);
    chosen();
  }

  const guess = (name) => (/name/i.test(name) || name === "1" ? item()?.first_name ?? "" : "");

  return {
    element,
    show(is) {
      element.hidden = !is;
      if (is) offer();
      else { account = null; fill(element); known = null; } // what is hidden must not be asked for
    },
    /** The reply, and the words that it will have; null as long as none is chosen. */
    body() {
      const choice = element.querySelector("select");
      const one = known?.find((each) => each.template_id === choice?.value);
      if (!one) return null;
      const values = Object.fromEntries([...element.querySelectorAll("input")].map((input) => [input.name.slice(2), input.value]));
      const shown = one.body.replace(/\{\{(\w+)\}\}/g, (whole, name) => values[name] ?? whole);
      return { body: { kind: "template", template_id: one.template_id, variables: values }, shown };
    },
  };
}
