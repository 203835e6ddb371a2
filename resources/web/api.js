// Questions to the server: JSON in, objects out; what it refuses becomes a Problem with its sentence and remedy.

export class Problem extends Error {
  constructor(status, detail, remedy = "") {
    super(detail);
    this.status = status;
    this.remedy = remedy;
  }
}

async function ask(address, options = {}) {
  let response;
  try {
    response = await fetch(address, { credentials: "same-origin", ...options });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Problem(0, "");
  }
  if (response.status === 401) window.location.assign("/pair");
  if (response.ok) return response.status === 204 ? null : response.json();
  let told = {};
  try {
    told = await response.json();
  } catch {
    // not our words: a proxy's page, or none
  }
  throw new Problem(response.status, told.detail ?? "", told.remedy ?? "");
}

function address(path, asked) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) {
    if (value !== "" && value !== null && value !== undefined) parameters.set(name, value);
  }
  return `${path}?${parameters}`;
}

export const status = () => ask("/api/status");
export const search = (asked, signal) => ask(address("/api/search", asked), { signal });
export const photo = (id) => ask(`/api/photos/${id}`);
export const favourite = (id, isOn) => ask(`/api/photos/${id}/favourite`, { method: isOn ? "PUT" : "DELETE" });
export const searchByPicture = (picture, asked, signal) =>
  ask(address("/api/search/image", asked), {
    method: "POST", body: picture, signal, headers: { "Content-Type": picture.type || "application/octet-stream" },
  });
export const pair = (code, name) =>
  ask("/api/pair", { method: "POST", body: JSON.stringify({ code, name }), headers: { "Content-Type": "application/json" } });
