// Ways for photos to come in: the file picker, drag and drop anywhere on the page, and paste.

export function setUpIntake({ input, button, zone, onPhotos }) {
  // A button of its own looks, focuses and reads like every other button; a file input does not.
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    take(input.files);
    input.value = ""; // so that the same file can be chosen again
  });

  let depth = 0; // dragenter and dragleave also fire for every child
  const setOver = (over) => zone.classList.toggle("over", over);
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

  document.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    setOver(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (depth === 0) setOver(false);
  });
  document.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    setOver(false);
    take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => take(event.clipboardData?.files ?? []));

  function take(files) {
    const photos = [...files];
    if (photos.length > 0) onPhotos(photos);
  }
}
