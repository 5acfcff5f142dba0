"use strict";
(() => {
  // Everything below comes from logs that an attacker may have written: it only ever becomes text, never markup.
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const SEVERITIES = ["critical", "high", "medium", "low", "informational"];
  const PAGE = 100, PRINTED = 1000;
  const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
  const visible = (text) => String(text).replace(HIDDEN, (c) => "\\u{" + c.codePointAt(0).toString(16) + "}");
  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) made.textContent = visible(text);
    if (className) made.className = className;
    return made;
  };
  const findings = data.findings.map((finding, at) => {
    const event = data.events[finding.event];
    const row = { at, finding, event, time: event.time, severity: SEVERITIES.indexOf(finding.severity),
      guardrail: finding.guardrail, resource: finding.resource, actor: event.actor, account: event.account };
    row.text = [finding.resource, finding.guardrail, event.actor, event.account, event.region, event.name, event.id,
      event.ip, event.agent, ...finding.reasons].join("\n").toLowerCase();
    return row;
  });

  const fill = (id, values, all) => {
    const select = byId(id);
    select.append(new Option(all, ""));
    values.forEach((value) => select.append(new Option(visible(value), value)));
  };
  const distinct = (key) => [...new Set(findings.map(key))].sort();
  fill("verdict", distinct((row) => row.finding.kind), "all");
  fill("severity", SEVERITIES.filter((name) => findings.some((row) => row.finding.severity === name)), "all");
  fill("guardrail", distinct((row) => row.guardrail), "all");
  fill("account", distinct((row) => row.account), "all");
  const hasViolations = findings.some((row) => row.finding.kind === "violation");
  const FILTERS = ["search", "verdict", "severity", "guardrail", "account"];
  const open = new Set();
  // The fragment holds the filters, so that a view can be linked to.
  const start = () => {
    byId("verdict").value = hasViolations ? "violation" : "";
    const asked = new URLSearchParams(location.hash.slice(1));
    FILTERS.filter((id) => asked.has(id)).forEach((id) => { byId(id).value = asked.get(id); });
    const opened = findings.find((row) => row.finding.id === asked.get("finding"));
    if (opened) open.add(opened.at);
  };
  const remember = () => {
    const state = new URLSearchParams();
    FILTERS.forEach((id) => { if (byId(id).value) state.set(id, byId(id).value); else if (id === "verdict") state.set(id, ""); });
    try { history.replaceState(null, "", "#" + state); } catch { /* a sandboxed frame keeps its address */ }
  };

  let shown = findings, page = 0, sort = { key: "severity", down: false };
  const compare = (left, right) => {
    const [a, b] = [left[sort.key], right[sort.key]];
    const order = a < b ? -1 : a > b ? 1 : left.time < right.time ? -1 : left.time > right.time ? 1 : left.at - right.at;
    return sort.down ? -order : order;
  };
  const filter = () => {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [verdict, severity, guardrail, account] =
      ["verdict", "severity", "guardrail", "account"].map((id) => byId(id).value);
    shown = findings.filter((row) =>
      (!verdict || row.finding.kind === verdict) && (!severity || row.finding.severity === severity) &&
      (!guardrail || row.guardrail === guardrail) && (!account || row.account === account) &&
      words.every((word) => row.text.includes(word))).sort(compare);
    page = 0;
    draw();
  };
  const refilter = () => { filter(); remember(); };

  const section = (into, title, ...children) => {
    if (!children.length) return;
    into.append(element("h3", title), ...children);
  };
  const facts = (pairs) => {
    const list = element("dl");
    pairs.filter(([, value]) => value).forEach(([name, value]) => list.append(element("dt", name), element("dd", value)));
    return list;
  };
  const detail = (row) => {
    const { finding, event } = row;
    const line = element("tr", undefined, "detail"), cell = element("td");
    cell.colSpan = 6;
    const reasons = element("ul");
    finding.reasons.forEach((reason) => reasons.append(element("li", reason)));
    section(cell, "Why", reasons);
    if (finding.steps.length) {
      const steps = element("ol");
      finding.steps.forEach((step) => {
        const item = element("li", step.action);
        item.append(element("pre", step.command), element("span", "Undo: " + step.undo));
        if (step.undo_command) item.append(element("pre", step.undo_command));
        steps.append(item);
      });
      section(cell, "What would be done", steps);
    } else {
      const undecided = "Nothing yet: the resource would be read and judged again.";
      section(cell, "What would be done", element("p", finding.kind === "undetermined" ? undecided : finding.remediation));
    }
    section(cell, "Who and what", facts([["Event", event.name + " (" + event.id + ")"], ["Actor", event.actor],
      ["From", event.ip], ["With", event.agent], ["Resource", finding.resource], ["Guardrail", data.guardrails[finding.guardrail]],
      ["Result", finding.result], ["Finding", finding.id]]));
    if (finding.state) section(cell, "State that was judged", element("pre", JSON.stringify(finding.state, null, 2)));
    section(cell, "Record", element("pre", JSON.stringify(event.record, null, 2)));
    line.append(cell);
    return line;
  };
  const toggle = (row) => {
    open.has(row.at) ? open.delete(row.at) : open.add(row.at);
    draw(row.at);
  };
  const summaryRow = (row) => {
    const { finding, event } = row;
    const line = element("tr", undefined, "finding");
    const button = element("button", event.time.replace("T", " ").replace("Z", ""), "toggle");
    button.setAttribute("aria-expanded", String(open.has(row.at)));
    button.dataset.at = row.at;
    const [time, severity, where] = [element("td"), element("td"), element("td", event.account)];
    time.append(button);
    severity.append(element("span", finding.severity, "badge " + SEVERITIES[row.severity]));
    if (finding.kind !== "violation") severity.append(element("span", finding.kind, "verdict"));
    where.append(element("span", event.region, "verdict"));
    line.append(time, severity, element("td", finding.guardrail), element("td", finding.resource),
      element("td", event.actor), where);
    line.addEventListener("click", () => { if (!String(getSelection())) toggle(row); });
    return line;
  };
  const draw = (focus, most = PAGE) => {
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    const from = most === PAGE ? page * PAGE : 0;
    const rows = document.createDocumentFragment();
    shown.slice(from, from + most).forEach((row) => {
      rows.append(summaryRow(row));
      if (open.has(row.at)) rows.append(detail(row));
    });
    byId("rows").replaceChildren(rows);
    const cut = most > PAGE && shown.length > most ? ", the first " + most + " printed" : "";
    byId("status").textContent = shown.length.toLocaleString("en") + " of " + findings.length.toLocaleString("en") + " findings" + cut;
    byId("page").textContent = "page " + (page + 1) + " of " + pages;
    byId("previous").disabled = page === 0;
    byId("next").disabled = page + 1 >= pages;
    document.querySelectorAll("[data-sort]").forEach((head) => {
      head.parentElement.setAttribute("aria-sort", head.dataset.sort !== sort.key ? "none" : sort.down ? "descending" : "ascending");
    });
    if (focus !== undefined) document.querySelector('[data-at="' + focus + '"]')?.focus();
  };

  ["verdict", "severity", "guardrail", "account"].forEach((id) => byId(id).addEventListener("change", refilter));
  byId("search").addEventListener("input", refilter);
  const form = document.querySelector(".filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(refilter));
  byId("previous").addEventListener("click", () => { page -= 1; draw(); });
  byId("next").addEventListener("click", () => { page += 1; draw(); });
  document.querySelectorAll("[data-sort]").forEach((head) => head.addEventListener("click", () => {
    sort = { key: head.dataset.sort, down: sort.key === head.dataset.sort && !sort.down };
    filter();
  }));
  addEventListener("beforeprint", () => draw(undefined, PRINTED));
  addEventListener("afterprint", () => draw());
  start();
  filter();
})();
