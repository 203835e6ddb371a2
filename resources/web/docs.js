// /openapi.json -> a page that people read: each call with its parameters and an example.

const made = (tag, text = "", className = "") => Object.assign(document.createElement(tag), { textContent: text, className });

const described = await (await fetch("/openapi.json")).json();
const schemas = described.components.schemas;
const resolved = (schema) => (schema?.$ref ? schemas[schema.$ref.split("/").pop()] : schema);
document.getElementById("about").textContent = described.info.description.replaceAll("`", "");

function typeOf(schema) {
  const whole = resolved(schema) ?? {};
  if (whole.anyOf) return whole.anyOf.map(typeOf).filter((one) => one !== "null").join(" or ");
  return whole.type === "array" ? `${typeOf(whole.items)}, several` : (whole.type ?? "");
}

function parameters(call) {
  const table = made("table");
  const head = table.createTHead().insertRow();
  for (const name of ["parameter", "what", "meaning"]) head.append(made("th", name));
  const body = table.createTBody();
  for (const one of call.parameters) {
    const row = body.insertRow();
    const preset = [one.schema?.default].flat()[0];
    row.append(made("td", one.name), made("td", typeOf(one.schema)));
    row.append(made("td", (one.description ?? one.schema?.description ?? "") + (preset || preset === 0 ? ` (${preset})` : "")));
  }
  return table;
}

function exampleOf(call) {
  for (const [kind, content] of Object.entries(call.responses["200"]?.content ?? {})) {
    const example = content.example ?? resolved(content.schema)?.examples?.[0];
    if (example) return typeof example === "string" ? example : JSON.stringify(example, null, 2);
    if (kind.startsWith("image/")) return `(${kind})`;
  }
  return "";
}

const calls = document.getElementById("calls");
for (const [path, methods] of Object.entries(described.paths)) {
  for (const [method, call] of Object.entries(methods)) {
    const heading = made("h2");
    heading.append(made("span", method.toUpperCase(), "method"), ` ${path}`);
    calls.append(heading, made("p", `${call.summary}.`));
    if (call.parameters?.length) calls.append(parameters(call));
    const refusals = Object.keys(call.responses).filter((status) => status >= 400);
    if (refusals.length) calls.append(made("p", `May refuse with ${refusals.join(", ")}.`, "faint"));
    const example = exampleOf(call);
    if (example) {
      const block = made("pre", example);
      block.tabIndex = 0;
      calls.append(block);
    }
  }
}
