// The code behind the # of the address -> a cookie that only this device has.

import { say, sayAll } from "./words.js";

const KINDS = [["iPhone", /iPhone/], ["iPad", /iPad/], ["Android", /Android/], ["Windows", /Windows/], ["Mac", /Macintosh/], ["Linux", /Linux/]];

const text = document.getElementById("text");
const form = document.getElementById("form");
const name = document.getElementById("name");
const code = window.location.hash.slice(1);
window.history.replaceState(null, "", "/pair"); // the code is used once; it need not stay in the history

sayAll();
name.value = (KINDS.find(([, pattern]) => pattern.test(navigator.userAgent)) ?? ["Browser"])[0];
if (code) form.hidden = false;
else text.textContent = say("pairMissing");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  form.querySelector("button").disabled = true;
  const response = await fetch("/api/pair", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code, name: name.value }),
  }).catch(() => null);
  if (response?.status === 204) {
    window.location.replace("/");
    return;
  }
  const told = await response?.json().catch(() => null);
  text.textContent = told ? `${told.detail} ${told.remedy}` : say("pairFault");
  form.hidden = true;
});
