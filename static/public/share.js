// Copying and sharing a link, where the browser can. Without this file the link is there as text.
"use strict";
const confirmation = document.querySelector("[data-copied]");
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    confirmation.textContent = confirmation.dataset.copied;
    confirmation.classList.add("shown");
    setTimeout(() => confirmation.classList.remove("shown"), 3000);
  });
}
for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.share({ title: document.title, url: button.dataset.share }).catch(() => undefined);
  });
}
