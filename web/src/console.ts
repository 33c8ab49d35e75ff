// What every page loads: htmx, a guard against pressing twice, and the keys of lists. Without it the pages work too.
import htmx from 'htmx.org';

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
window.htmx = htmx;

const csrf = document.querySelector<HTMLMetaElement>('meta[name=csrf]')?.content ?? '';

// Every request of htmx proves that it comes from a page of this session.
document.addEventListener('htmx:configRequest', (event) => {
  (event as CustomEvent<{ headers: Record<string, string> }>).detail.headers['x-csrf'] = csrf;
});

// A form is sent once: the second press of an impatient finger does nothing until the page comes back.
document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented || form.hasAttribute('hx-post')) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'yes';
  for (const button of form.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
});

// Coming back by the back button, the page is live again.
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-sent]')) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('button')) button.removeAttribute('aria-disabled');
  }
});

// In a list marked with data-keys, J and K go to the next and the previous link.
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const step = { j: 1, k: -1 }[event.key.toLowerCase()];
  if (!step) return;
  const links = [...document.querySelectorAll<HTMLElement>('[data-keys] a[href]')];
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : (at + step + links.length) % links.length;
  links[next]?.focus();
  event.preventDefault();
});

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|select|textarea)$/i.test(target.tagName));
}

document.addEventListener('click', (event) => {
  if ((event.target as HTMLElement).closest?.('[data-print]')) window.print();
});
