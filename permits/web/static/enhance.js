// Quickens pages that work without it: focus on the error summary, no double submit, checks while one types.

const own = document.querySelector("script[data-govuk]");
const { ErrorSummary, Button, Checkboxes, Radios, createAll } = await import(own.dataset.govuk);

document.body.classList.add("js-enabled", "govuk-frontend-supported");
createAll(ErrorSummary);
createAll(Button, { preventDoubleClick: true });
createAll(Checkboxes);
createAll(Radios);

// An input with data-live is checked at that address half a second after the last key; the answer is a piece of HTML.
const WAIT_MS = 500;

// It goes as a POST, since what is typed may be personal and addresses are written into logs.
async function check(input, place) {
  const value = input.value;
  const body = new URLSearchParams({ value, csrf: input.form.elements.csrf.value });
  const answer = await fetch(input.dataset.live, { method: "POST", body });
  if (answer.ok && value === input.value) place.innerHTML = await answer.text();
}

for (const input of document.querySelectorAll("input[data-live]")) {
  const place = document.getElementById(input.dataset.liveTo);
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    place.replaceChildren();
    if (input.value.trim()) timer = setTimeout(() => check(input, place).catch(() => place.replaceChildren()), WAIT_MS);
  });
}

// A form with data-points shows its points while one types. Nothing personal is in it: it goes by address anyhow.
for (const form of document.querySelectorAll("form[data-points]")) {
  const place = document.getElementById("points");
  let timer, asked;
  const show = async () => {
    const mine = (asked = new URLSearchParams(new FormData(form)).toString());
    const answer = await fetch(`${form.dataset.points}?${mine}`);
    if (answer.status === 200 && mine === asked) place.innerHTML = await answer.text();
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show().catch(() => {}), WAIT_MS);
  });
}
