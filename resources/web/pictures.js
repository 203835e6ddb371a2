// A picture from a person: chosen (on a phone: the camera too), dropped or pasted. `onPicture(blob)` hears of each.

export function hearPictures({ button, input, drop, onPicture }) {
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (input.files.length) onPicture(input.files[0]);
    input.value = "";
  });
  document.addEventListener("paste", (event) => {
    const picture = pictureIn(event.clipboardData);
    if (!picture) return;
    event.preventDefault();
    onPicture(picture);
  });
  let depth = 0;
  const bringsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  document.addEventListener("dragenter", (event) => {
    if (!bringsFiles(event)) return;
    depth += 1;
    drop.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (!bringsFiles(event)) return;
    depth = Math.max(0, depth - 1);
    drop.hidden = depth === 0;
  });
  document.addEventListener("dragover", (event) => {
    if (bringsFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    depth = 0;
    drop.hidden = true;
    if (!bringsFiles(event)) return;
    event.preventDefault();
    const picture = pictureIn(event.dataTransfer);
    if (picture) onPicture(picture);
  });
}

function pictureIn(transfer) {
  const files = [...(transfer?.files ?? [])];
  return files.find((file) => file.type.startsWith("image/")) ?? (files.length === 1 && !files[0].type ? files[0] : null);
}
