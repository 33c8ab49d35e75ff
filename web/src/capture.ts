// The capture station: what its forms do without scripts, done without leaving the page. It shows the kept print with its
// minutiae, takes dropped files one after the other, states a finger by a key, and does not lose a print when the line is.
//
// The server sends the station as a part of the page; this script puts it in the old one's place and never decides anything.

export {};

interface Print {
  png: string;
  width: number;
  height: number;
  minutiae: [x: number, y: number, direction: number, kind: string][];
}

const NS = 'http://www.w3.org/2000/svg';
const RETRY_MS = 3000;
const SEQUENCE = ['right_index', 'right_middle', 'right_ring', 'right_little', 'left_index', 'left_middle', 'left_ring', 'left_little', 'right_thumb', 'left_thumb'];
const STATES: Record<string, string> = { m: 'missing', b: 'bandaged', p: 'prosthetic', g: 'webbed', x: 'extra', w: 'worn', u: 'unable' };

const holder = document.getElementById('station');
const line = document.getElementById('line');
const csrf = document.querySelector<HTMLMetaElement>('meta[name=csrf]')?.content ?? '';
let busy = false;
let withMinutiae = true;
let shownUrl = '';

const station = (): HTMLElement | null => holder?.querySelector('[data-station]') ?? null;

/** The proof that the visit's legal basis is on record, from the page of the visit; no device is opened without it. */
const permit = (): string => station()?.dataset.permit ?? '';

// ------------------------------------------------------------------------------------------------ asking the server

/** Sends until an answer comes: a print that was taken once is never asked of the person again because of the line. */
async function ask(path: string, body?: FormData | URLSearchParams): Promise<Response> {
  let lost = false;
  for (;;) {
    try {
      const headers: Record<string, string> = { 'hx-request': 'true', accept: 'text/html' };
      if (body) headers['x-csrf'] = csrf;
      const answer = await fetch(path, { method: body ? 'POST' : 'GET', headers, credentials: 'same-origin', redirect: 'follow', ...(body ? { body } : {}) });
      if (answer.status === 503) {
        tell(line?.dataset.busy ?? '');
        await new Promise((wake) => setTimeout(wake, RETRY_MS));
        continue;
      }
      if (lost) tell(line?.dataset.back ?? '');
      return answer;
    } catch {
      lost = true;
      tell(line?.dataset.lost ?? '');
      await new Promise((wake) => setTimeout(wake, RETRY_MS));
    }
  }
}

/** Does one thing at a time and shows the station as it is afterwards. True where it was done. */
async function act(path: string, body?: FormData | URLSearchParams): Promise<boolean> {
  const answer = await ask(path, body);
  const signIn = answer.headers.get('hx-redirect');
  if (signIn) {
    const back = station()?.dataset.page ?? '/counter';
    tell(line?.dataset.ended ?? '', `/sign-in?next=${back}&ended=1`);
    return false;
  }
  const text = await answer.text();
  const page = new DOMParser().parseFromString(text, 'text/html');
  const fresh = page.querySelector('[data-station]');
  if (fresh && holder) {
    holder.replaceChildren(document.importNode(fresh, true));
    dress();
    return answer.ok;
  }
  if (answer.redirected) location.href = answer.url;
  const refusal = page.querySelector('.refusal-page .lead');
  tell(refusal?.textContent ?? line?.dataset.large ?? '');
  return false;
}

async function alone(work: () => Promise<void>): Promise<void> {
  if (busy) return;
  busy = true;
  station()?.setAttribute('aria-busy', 'true');
  try {
    await work();
  } finally {
    busy = false;
    station()?.removeAttribute('aria-busy');
  }
}

function tell(text: string, signIn?: string): void {
  if (!line) return;
  line.textContent = text;
  line.hidden = text === '';
  if (!signIn) return;
  const link = document.createElement('a');
  link.href = signIn;
  link.textContent = line.dataset.signIn ?? '';
  line.append(' ', link);
}

// ------------------------------------------------------------------------------------------------ the kept print

/** Shows the kept print of the finger in hand; image and minutiae come in one answer, so it is one look. */
async function dress(): Promise<void> {
  const figure = holder?.querySelector<HTMLElement>('#print');
  const finger = figure?.dataset.printOf;
  focusFinger();
  if (!figure || !finger) return;
  let print: Print;
  try {
    const answer = await fetch(`${station()?.dataset.prints}/${finger}`, { headers: { accept: 'application/json' }, credentials: 'same-origin' });
    if (!answer.ok) return;
    print = (await answer.json()) as Print;
  } catch {
    return;
  }
  if (!figure.isConnected) return;
  URL.revokeObjectURL(shownUrl);
  shownUrl = URL.createObjectURL(new Blob([Uint8Array.from(atob(print.png), (c) => c.charCodeAt(0))], { type: 'image/png' }));
  const drawing = svg('svg', { viewBox: `0 0 ${print.width} ${print.height}`, role: 'img', 'aria-label': holder?.querySelector('#finger-heading')?.textContent ?? '' });
  drawing.append(svg('image', { href: shownUrl, width: print.width, height: print.height }));
  for (const [x, y, direction, kind] of print.minutiae) {
    const end = [x + 12 * Math.cos(direction), y - 12 * Math.sin(direction)].map((v) => v.toFixed(1));
    const mark = svg('g', { class: `minutia ${kind}` });
    mark.append(svg('circle', { cx: x.toFixed(1), cy: y.toFixed(1), r: 4 }), svg('path', { d: `M${x.toFixed(1)} ${y.toFixed(1)}L${end[0]} ${end[1]}` }));
    drawing.append(mark);
  }
  figure.prepend(drawing);
  const toggle = figure.querySelector<HTMLInputElement>('#minutiae');
  if (toggle) {
    toggle.checked = withMinutiae;
    figure.classList.toggle('without-minutiae', !withMinutiae);
    toggle.addEventListener('change', () => {
      withMinutiae = toggle.checked;
      figure.classList.toggle('without-minutiae', !withMinutiae);
    });
  }
}

function svg(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** The main button is where Enter is; a page that has just been put in place gives it the focus. */
function focusFinger(): void {
  const main = holder?.querySelector<HTMLElement>('[autofocus]');
  main?.focus({ preventScroll: true });
}

// ------------------------------------------------------------------------------------------------ forms, files, keys

document.addEventListener(
  'submit',
  (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches('[data-capture]')) return;
    event.preventDefault();
    event.stopPropagation();
    const submitter = (event as SubmitEvent).submitter;
    const data = new FormData(form, submitter);
    const files = data.getAll('file').filter((value): value is File => value instanceof File && value.size > 0);
    if (form.enctype === 'multipart/form-data') {
      const finger = data.get('finger');
      void alone(() => send(form.action, files, typeof finger === 'string' ? finger : undefined));
    } else if (data.get('finger') === 'all') {
      void alone(() => touchAll(form.action, data));
    } else {
      void alone(async () => void (await act(form.action, fields(data))));
    }
  },
  true,
);

function fields(data: FormData): URLSearchParams {
  const pairs = [...data.entries()].filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return new URLSearchParams(pairs);
}

/** Files go one after the other: the first that is refused stops, and says why; what went before it is kept. */
async function send(path: string, files: File[], finger?: string): Promise<void> {
  const limit = Number(line?.dataset.limit ?? 0);
  if (!permit()) {
    tell(line?.dataset.closed ?? '');
    return;
  }
  for (const file of files) {
    if (limit && file.size > limit) {
      tell(line?.dataset.large ?? '');
      return;
    }
    const one = new FormData();
    one.append('csrf', csrf);
    one.append('permit', permit());
    if (finger) one.append('finger', finger);
    one.append('file', file, file.name);
    tell('');
    if (!(await act(path, one))) return;
  }
}

/** Every finger that is left on the virtual scanner, one after the other, so that each is seen. */
async function touchAll(path: string, data: FormData): Promise<void> {
  if (!permit()) {
    tell(line?.dataset.closed ?? '');
    return;
  }
  for (const finger of SEQUENCE) {
    if (!holder?.querySelector(`[data-pick="${finger}"].empty`)) continue;
    const one = fields(data);
    one.set('finger', finger);
    one.set('attempt', '1');
    if (!(await act(path, one))) return;
  }
}

// A file that was chosen is taken at once; the button is for browsers without this script.
document.addEventListener('change', (event) => {
  const input = event.target as HTMLInputElement;
  if (input.type === 'file' && input.files?.length) input.form?.matches('[data-capture]') && input.form.requestSubmit();
});

document.addEventListener('click', (event) => {
  if (!(event.target as Element).closest('[data-onward]')) return;
  event.preventDefault();
  void alone(async () => void (await act(station()?.dataset.page ?? location.pathname)));
});

document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest<SVGAElement>('[data-pick]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  void alone(() => pick(link.dataset.pick ?? ''));
});

async function pick(finger: string): Promise<void> {
  await act(`${station()?.dataset.page}?finger=${finger}`);
  holder?.querySelector<SVGElement>(`[data-pick="${finger}"]`)?.focus();
}

// On the diagram: arrows go along the hands, a letter states the finger that has the focus.
document.addEventListener('keydown', (event) => {
  const link = (event.target as Element).closest?.<SVGAElement>('[data-pick]');
  if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    const order = ['left_little', 'left_ring', 'left_middle', 'left_index', 'left_thumb', 'right_thumb', 'right_index', 'right_middle', 'right_ring', 'right_little'];
    const next = order[(order.indexOf(link.dataset.pick ?? '') + step + order.length) % order.length];
    holder?.querySelector<SVGElement>(`[data-pick="${next}"]`)?.focus();
    return;
  }
  const state = STATES[event.key.toLowerCase()];
  if (!state) return;
  event.preventDefault();
  void alone(async () => void (await act(`${station()?.dataset.fingers}/${link.dataset.pick}`, new URLSearchParams({ csrf, state }))));
});

for (const kind of ['dragenter', 'dragover'] as const) {
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    holder?.classList.add('dropping');
  });
}
document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) holder?.classList.remove('dropping');
});
document.addEventListener('drop', (event) => {
  holder?.classList.remove('dropping');
  const files = [...(event.dataTransfer?.files ?? [])];
  const form = holder?.querySelector<HTMLFormElement>('[data-drop]');
  if (!form || files.length === 0) return;
  event.preventDefault();
  void alone(() => send(form.action, files));
});

void dress();

export {};
