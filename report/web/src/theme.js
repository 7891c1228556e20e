// Light, dark, or what the system says; the choice lives as long as the page.
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const choices = ['auto', 'light', 'dark'];

export function addThemeButton(button, changed) {
  if (!button) {
    return;
  }
  const root = document.documentElement;
  let choice = 0;
  const show = () => {
    button.textContent = `Theme: ${choices[choice]}`;
    root.dataset.theme = choices[choice];
    changed();
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    choice = (choice + 1) % choices.length;
    show();
  });
  dark.addEventListener('change', changed);
  // Paper is white: charts are drawn for it and back again.
  window.addEventListener('beforeprint', () => {
    root.dataset.theme = 'light';
    changed();
  });
  window.addEventListener('afterprint', show);
  button.textContent = `Theme: ${choices[choice]}`;
}

/** The colours in force, from the style sheet. */
export function colors() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: get('text'), dim: get('dim'), line: get('line'), surface: get('surface'), accent: get('accent'),
    good: get('good'), bad: get('bad'), neutral: get('neutral'), font: style.fontFamily,
    series: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((i) => get(`series-${i}`)),
  };
}
