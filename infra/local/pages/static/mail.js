// Gives the frame the height of the mail in it: one page to scroll, not two.

const frame = /** @type {HTMLIFrameElement} */ (document.querySelector("iframe"));

function fit() {
  const page = frame.contentDocument?.documentElement;
  if (!page) return;
  frame.style.minHeight = "0";
  frame.style.height = "0"; // else a mail that has become shorter would keep its height
  frame.style.height = `${page.scrollHeight + 2}px`; // and the border
}

frame.addEventListener("load", fit);
window.addEventListener("resize", fit);
fit();
