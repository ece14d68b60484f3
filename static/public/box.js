// Dropping and pasting a file into the box. Without this file the field takes files all the same.
"use strict";
for (const box of document.querySelectorAll("[data-box]")) {
  const field = box.querySelector("[type=file]");
  const put = (event, files) => {
    if (!files.length) return;
    event.preventDefault();
    field.files = files;
    box.querySelector("[type=submit]").focus();
  };
  box.querySelector("[data-hint]").hidden = false;
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    box.classList.add("dropping");
  });
  for (const end of ["dragleave", "drop"]) {
    document.addEventListener(end, () => box.classList.remove("dropping"));
  }
  document.addEventListener("drop", (event) => put(event, event.dataTransfer.files));
  document.addEventListener("paste", (event) => put(event, event.clipboardData.files));
}
