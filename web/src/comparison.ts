// Two prints side by side, at one scale and laid on each other. The examiner's eyes do the work; this file moves paper.
//
// State first, then drawing, then what hands do (keys, wheel, dragging), then the forms. Nothing here needs a mouse. Nothing is
// stored in the browser: what is marked is kept, sealed, by the service until it is locked.

type Kind = 'ending' | 'bifurcation' | 'other';
type Origin = 'accepted' | 'moved' | 'added';
type Point = { x: number; y: number; angle: number; kind: Kind };
type Mark = Point & { origin: Origin };

interface PrintData {
  width: number;
  height: number;
  image: string;
  enhanced: string | null;
  ridges: string | null;
  laid: string | null;
  minutiae: [number, number, number, Kind, number][];
}

interface FingerData {
  finger: string;
  probe: PrintData | null;
  reference: PrintData | null;
  marks: [number, number, number, Kind][];
  pairs: [number, number, number][];
  alignment: [number, number, number] | null;
  orientation: { mean: number; places: [number, number, number][] } | null;
}

type View = 'image' | 'enhanced' | 'ridges' | 'laid';

interface Print {
  width: number;
  height: number;
  minutiae: Point[];
  pictures: Partial<Record<View, ImageBitmap>>;
}

interface Finger {
  probe: Print | null;
  reference: Print | null;
  marks: Point[];
  pairs: [number, number, number][];
  alignment: [number, number, number] | null;
  orientation: FingerData['orientation'];
}

/** Maps pixels of a print into the shared frame: x' = a x + c y + e, y' = b x + d y + f. */
type Matrix = [number, number, number, number, number, number];

// Twelve colours that stay apart for most eyes on white; every pair carries its number as well.
const COLOURS = ['#c0392b', '#1f6fb2', '#1d7f4f', '#8e44ad', '#b9770e', '#0e7c86', '#a93278', '#4a5d23', '#5b3fa0', '#7b3f00', '#005f73', '#6c1d45'];
const OWN = '#8e44ad';
const PROPOSED = '#1f6fb2';
const MACHINE = '#b02a1c';
const STEP = 8;

const root = document.getElementById('compare');
if (root) start(root);

function start(root: HTMLElement): void {
  const at = root.dataset.at ?? '';
  const marking = root.dataset.stage === 'marking';
  const words = root.querySelector<HTMLElement>('[data-words]')?.dataset ?? {};
  const readout = root.querySelector<HTMLElement>('[data-readout]')!;
  const trouble = root.querySelector<HTMLElement>('[data-trouble]')!;
  const left = root.querySelector<HTMLCanvasElement>('canvas[data-side=left]')!;
  const right = root.querySelector<HTMLCanvasElement>('canvas[data-side=right]');
  const strip = [...root.querySelectorAll<HTMLButtonElement>('[data-finger]')];
  const lock = document.querySelector<HTMLFormElement>('#lock');
  const judge = document.querySelector<HTMLFormElement>('#judge');

  const fingers = new Map<string, Finger>();
  const marks = new Map<string, Mark[]>();
  const proposals = new Map<string, Point[]>();
  let current = strip[0]?.dataset.finger ?? '';
  let view: View = 'image';
  const layers = { minutiae: false, marks: false, orientation: false, aligned: true };
  let flipped = false;
  let centre = { x: 0, y: 0 };
  let zoom = 1;
  let markMode = false;
  let cross = { x: 0, y: 0 };
  let chosen = -1;
  let grabbed = false;
  let locked = false;
  let draft = false;
  let timer = 0;

  // What an ended session or a closed window has left.
  if (marking && root.dataset.draft) {
    const kept = JSON.parse(root.dataset.draft) as { finger: string; marks: Mark[] }[];
    for (const { finger, marks: list } of kept) marks.set(finger, list);
  }

  // ------------------------------------------------------------------------------------------------------- loading

  async function load(name: string): Promise<Finger> {
    const known = fingers.get(name);
    if (known) return known;
    const answer = await fetch(at + name, { headers: { accept: 'application/json' }, cache: 'no-store' });
    if (!answer.ok) throw new Error(String(answer.status));
    const data = (await answer.json()) as FingerData;
    const finger: Finger = {
      probe: data.probe && (await print(data.probe)),
      reference: data.reference && (await print(data.reference)),
      marks: data.marks.map(([x, y, angle, kind]) => ({ x, y, angle, kind })),
      pairs: data.pairs,
      alignment: data.alignment,
      orientation: data.orientation,
    };
    fingers.set(name, finger);
    if (marking && finger.probe) {
      const own = marks.get(name) ?? [];
      marks.set(name, own);
      // Where a point was taken already, none is proposed.
      proposals.set(name, finger.probe.minutiae.filter((p) => !own.some((m) => Math.hypot(m.x - p.x, m.y - p.y) < 3)));
    }
    return finger;
  }

  async function print(data: PrintData): Promise<Print> {
    const pictures: Print['pictures'] = { image: await picture(data.image) };
    if (data.enhanced) pictures.enhanced = await picture(data.enhanced);
    if (data.ridges) pictures.ridges = await picture(data.ridges);
    if (data.laid) pictures.laid = await picture(data.laid);
    const minutiae = data.minutiae.map(([x, y, angle, kind]) => ({ x, y, angle, kind }));
    return { width: data.width, height: data.height, minutiae, pictures };
  }

  async function picture(base64: string): Promise<ImageBitmap> {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    return createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  }

  async function show(name: string): Promise<void> {
    if (name !== current) void keep();
    current = name;
    for (const button of strip) button.setAttribute('aria-pressed', String(button.dataset.finger === name));
    chosen = -1;
    grabbed = false;
    say(words.loading ?? '');
    try {
      await load(name);
      trouble.hidden = true;
    } catch {
      if (current === name) {
        trouble.hidden = false;
        say('');
      }
      return;
    }
    // A slow answer does not push itself over a finger that was chosen meanwhile.
    if (current !== name) return;
    fit();
    const probe = fingers.get(name)?.probe;
    if (probe) cross = { x: probe.width / 2, y: probe.height / 2 };
    draw();
    tell();
  }

  // ------------------------------------------------------------------------------------------------------- geometry

  /** The shared frame is the reference's own; the probe is turned and moved onto it where the two could be aligned. */
  function matrix(finger: Finger, side: 'probe' | 'reference'): Matrix {
    const { probe, reference } = finger;
    if (side === 'reference' || !probe || !reference) return [1, 0, 0, 1, 0, 0];
    if (layers.aligned && finger.alignment) {
      const [rotation, dx, dy] = finger.alignment;
      const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
      return [cos, -sin, sin, cos, dx, dy];
    }
    return [1, 0, 0, 1, (reference.width - probe.width) / 2, (reference.height - probe.height) / 2];
  }

  function apply(m: Matrix, x: number, y: number): { x: number; y: number } {
    return { x: m[0] * x + m[2] * y + m[4], y: m[1] * x + m[3] * y + m[5] };
  }

  /** Matrices here are rigid: turned back and moved back. */
  function invert(m: Matrix, x: number, y: number): { x: number; y: number } {
    const [u, v] = [x - m[4], y - m[5]];
    return { x: m[0] * u + m[1] * v, y: m[2] * u + m[3] * v };
  }

  function fit(): void {
    const finger = fingers.get(current);
    const print = finger?.reference ?? finger?.probe;
    if (!print) return;
    centre = { x: print.width / 2, y: print.height / 2 };
    zoom = Math.min(left.clientWidth / print.width, left.clientHeight / print.height) * 0.98 || 1;
  }

  function toScreen(canvas: HTMLCanvasElement, p: { x: number; y: number }): { x: number; y: number } {
    return { x: (p.x - centre.x) * zoom + canvas.clientWidth / 2, y: (p.y - centre.y) * zoom + canvas.clientHeight / 2 };
  }

  function fromScreen(canvas: HTMLCanvasElement, x: number, y: number): { x: number; y: number } {
    return { x: (x - canvas.clientWidth / 2) / zoom + centre.x, y: (y - canvas.clientHeight / 2) / zoom + centre.y };
  }

  // -------------------------------------------------------------------------------------------------------- drawing

  function sideOf(canvas: HTMLCanvasElement): 'probe' | 'reference' {
    return (canvas === left) !== flipped ? 'probe' : 'reference';
  }

  function draw(): void {
    for (const canvas of right ? [left, right] : [left]) paint(canvas);
    for (const [name, canvas] of [['left', left], ['right', right]] as const) {
      const caption = root.querySelector<HTMLElement>(`[data-caption=${name}]`);
      if (!canvas || !caption) continue;
      const text = words[sideOf(canvas)] ?? '';
      caption.textContent = text;
      canvas.setAttribute('aria-label', text);
    }
    for (const button of strip) {
      const name = button.dataset.finger ?? '';
      const tally = button.querySelector('[data-tally]');
      if (tally && marking) tally.textContent = marks.has(name) ? String(marks.get(name)?.length ?? 0) : '';
    }
  }

  function paint(canvas: HTMLCanvasElement): void {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    const ctx = canvas.getContext('2d');
    const finger = fingers.get(current);
    if (!ctx) return;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.fillStyle = '#ffffff';
    ctx.fillRect(0, 0, width, height);
    if (!finger) return;
    const side = sideOf(canvas);
    const print = finger[side];
    if (!print) return;
    const m = matrix(finger, side);
    const [ox, oy] = [width / 2 - centre.x * zoom, height / 2 - centre.y * zoom];
    const bitmap = print.pictures[view] ?? print.pictures.image;
    if (bitmap) {
      ctx.setTransform(
        m[0] * zoom * ratio, m[1] * zoom * ratio, m[2] * zoom * ratio, m[3] * zoom * ratio,
        (m[4] * zoom + ox) * ratio, (m[5] * zoom + oy) * ratio,
      );
      ctx.imageSmoothingEnabled = zoom < 3;
      ctx.drawImage(bitmap, 0, 0);
      if (layers.minutiae) {
        // Ridges step back so that what lies on them can be read.
        ctx.fillStyle = 'rgba(255,255,255,0.45)';
        ctx.fillRect(0, 0, print.width, print.height);
      }
    }
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const place = (p: { x: number; y: number }) => toScreen(canvas, apply(m, p.x, p.y));
    const turn = Math.atan2(-m[1], m[0]);
    if (layers.orientation && finger.orientation && side === 'probe') drawDifference(ctx, finger, place);
    if (layers.minutiae && !marking) drawPairs(ctx, finger, print, side, place, turn);
    if (layers.marks && side === 'probe') for (const p of finger.marks) symbol(ctx, place(p), p, turn, OWN, false);
    if (marking) drawMarking(ctx, place, turn);
  }

  function drawDifference(ctx: CanvasRenderingContext2D, finger: Finger, place: (p: { x: number; y: number }) => { x: number; y: number }): void {
    for (const [x, y, degrees] of finger.orientation?.places ?? []) {
      if (degrees < 8) continue;
      const p = place({ x, y });
      ctx.beginPath();
      // Larger and denser where it differs more.
      ctx.arc(p.x, p.y, Math.max(1.5, (zoom * 6 * Math.min(degrees, 60)) / 60), 0, 2 * Math.PI);
      ctx.fillStyle = `rgba(176, 42, 28, ${0.2 + 0.6 * Math.min(1, degrees / 60)})`;
      ctx.fill();
    }
  }

  function drawPairs(
    ctx: CanvasRenderingContext2D, finger: Finger, print: Print, side: 'probe' | 'reference',
    place: (p: { x: number; y: number }) => { x: number; y: number }, turn: number,
  ): void {
    const number = new Map(finger.pairs.map((pair, n) => [side === 'probe' ? pair[0] : pair[1], n] as const));
    print.minutiae.forEach((p, i) => {
      const n = number.get(i);
      const at = place(p);
      if (n === undefined) {
        symbol(ctx, at, p, turn, '#6b6b6b', true);
        return;
      }
      const colour = COLOURS[n % COLOURS.length] ?? MACHINE;
      symbol(ctx, at, p, turn, colour, false);
      label(ctx, at, String(n + 1), colour);
    });
  }

  function drawMarking(ctx: CanvasRenderingContext2D, place: (p: { x: number; y: number }) => { x: number; y: number }, turn: number): void {
    if (layers.minutiae || markMode) for (const p of proposals.get(current) ?? []) symbol(ctx, place(p), p, turn, PROPOSED, true);
    (marks.get(current) ?? []).forEach((p, i) => {
      const at = place(p);
      symbol(ctx, at, p, turn, OWN, false);
      if (i === chosen) {
        ctx.beginPath();
        ctx.arc(at.x, at.y, 13, 0, 2 * Math.PI);
        ctx.setLineDash(grabbed ? [] : [3, 3]);
        ctx.strokeStyle = '#000000';
        ctx.lineWidth = 1.5;
        ctx.stroke();
        ctx.setLineDash([]);
      }
    });
    if (!markMode) return;
    const at = place(cross);
    ctx.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
      ctx.moveTo(at.x + 4 * dx, at.y + 4 * dy);
      ctx.lineTo(at.x + 16 * dx, at.y + 16 * dy);
    }
    outlined(ctx, '#000000', 1.5);
  }

  /** A ring for an ending, a square for a fork, with a tail along the ridge; dashed where nobody vouches for it. */
  function symbol(ctx: CanvasRenderingContext2D, at: { x: number; y: number }, p: Point, turn: number, colour: string, dashed: boolean): void {
    const angle = p.angle + turn;
    ctx.beginPath();
    if (p.kind === 'bifurcation') ctx.rect(at.x - 5, at.y - 5, 10, 10);
    else ctx.arc(at.x, at.y, 5, 0, 2 * Math.PI);
    ctx.moveTo(at.x + 5 * Math.cos(angle), at.y - 5 * Math.sin(angle));
    ctx.lineTo(at.x + 15 * Math.cos(angle), at.y - 15 * Math.sin(angle));
    ctx.setLineDash(dashed ? [2, 2] : []);
    outlined(ctx, colour, dashed ? 1.25 : 2);
    ctx.setLineDash([]);
  }

  function outlined(ctx: CanvasRenderingContext2D, colour: string, width: number): void {
    ctx.strokeStyle = 'rgba(255,255,255,0.85)';
    ctx.lineWidth = width + 2;
    ctx.stroke();
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke();
  }

  function label(ctx: CanvasRenderingContext2D, at: { x: number; y: number }, text: string, colour: string): void {
    ctx.font = '600 13px system-ui, sans-serif';
    ctx.lineWidth = 3.5;
    ctx.strokeStyle = 'rgba(255,255,255,0.95)';
    ctx.strokeText(text, at.x + 8, at.y - 7);
    ctx.fillStyle = colour;
    ctx.fillText(text, at.x + 8, at.y - 7);
  }

  // -------------------------------------------------------------------------------------------------------- reading

  function say(text: string): void {
    readout.textContent = text;
  }

  function tell(): void {
    const finger = fingers.get(current);
    if (!finger) return;
    const parts = [`${words.zoom ?? ''} ${zoom.toFixed(2)}`];
    if (marking) {
      parts.push(`${words.marked ?? ''} ${marks.get(current)?.length ?? 0}`, `${words.proposed ?? ''} ${proposals.get(current)?.length ?? 0}`);
      if (markMode) parts.push(`${words.crosshair ?? ''} ${Math.round(cross.x)}, ${Math.round(cross.y)}`);
    } else if (!finger.probe || !finger.reference) {
      parts.push(words.oneSided ?? '');
    } else if (!finger.alignment) {
      parts.push(words.notAligned ?? '');
    } else {
      parts.push(`${finger.pairs.length} ${words.pairs ?? ''}`);
      if (finger.orientation) parts.push(`${words.difference ?? ''} ${finger.orientation.mean.toFixed(1)}°`);
    }
    say(parts.join(' · '));
  }

  function press(selector: string, on: boolean): void {
    root.querySelector(selector)?.setAttribute('aria-pressed', String(on));
  }

  // --------------------------------------------------------------------------------------------------- what hands do

  function setView(next: View): void {
    view = next;
    for (const button of root.querySelectorAll<HTMLElement>('[data-view]')) button.setAttribute('aria-pressed', String(button.dataset.view === next));
    draw();
  }

  function toggle(layer: keyof typeof layers): void {
    layers[layer] = !layers[layer];
    press(`[data-layer=${layer}]`, layers[layer]);
    if (layer === 'aligned') fit();
    draw();
  }

  function scale(factor: number, canvas = left, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2): void {
    const before = fromScreen(canvas, x, y);
    zoom = Math.min(20, Math.max(0.1, zoom * factor));
    const after = fromScreen(canvas, x, y);
    centre = { x: centre.x + before.x - after.x, y: centre.y + before.y - after.y };
    draw();
    tell();
  }

  function pan(dx: number, dy: number): void {
    centre = { x: centre.x + dx / zoom, y: centre.y + dy / zoom };
    draw();
  }

  function finger(step: number): void {
    const names = strip.map((b) => b.dataset.finger ?? '');
    const next = names[(names.indexOf(current) + step + names.length) % names.length];
    if (next) void show(next);
  }

  function setMarkMode(on: boolean): void {
    markMode = on;
    press('[data-do=mark]', on);
    left.classList.toggle('marking', on);
    if (on) layers.minutiae = true;
    press('[data-layer=minutiae]', layers.minutiae);
    draw();
    tell();
  }

  function own(): Mark[] {
    let list = marks.get(current);
    if (!list) marks.set(current, (list = []));
    return list;
  }

  /** The own mark nearest to a place within so many pixels of the screen. */
  function nearest(list: Point[], p: { x: number; y: number }, within: number): number {
    let best = -1;
    let distance = within / zoom;
    list.forEach((m, i) => {
      const d = Math.hypot(m.x - p.x, m.y - p.y);
      if (d <= distance) [best, distance] = [i, d];
    });
    return best;
  }

  function add(kind: Kind, p = cross): void {
    const print = fingers.get(current)?.probe;
    if (!print || p.x < 0 || p.y < 0 || p.x > print.width || p.y > print.height || own().length >= 300) return;
    const near = nearest(proposals.get(current) ?? [], p, 10);
    const proposed = near >= 0 ? proposals.get(current)?.splice(near, 1)[0] : undefined;
    // A point set where the machine proposes one takes its place and direction.
    own().push(proposed ? { ...proposed, kind, origin: 'accepted' } : { x: p.x, y: p.y, angle: 0, kind, origin: 'added' });
    chosen = own().length - 1;
    changed();
  }

  function remove(): void {
    const i = chosen >= 0 ? chosen : nearest(own(), cross, 14);
    if (i < 0) return;
    own().splice(i, 1);
    chosen = -1;
    grabbed = false;
    changed();
  }

  /** Goes from point to point: first the own marks, then what is proposed. */
  function next(): void {
    const all = [...own(), ...(proposals.get(current) ?? [])];
    if (all.length === 0) return;
    const here = all.findIndex((p) => p.x === cross.x && p.y === cross.y);
    const to = all[(here + 1) % all.length];
    if (!to) return;
    cross = { x: to.x, y: to.y };
    chosen = nearest(own(), cross, 1);
    draw();
    tell();
  }

  function grab(): void {
    if (grabbed) grabbed = false;
    else {
      if (chosen < 0) chosen = nearest(own(), cross, 14);
      grabbed = chosen >= 0;
      const mark = own()[chosen];
      if (mark) cross = { x: mark.x, y: mark.y };
    }
    press('[data-do=grab]', grabbed);
    draw();
  }

  function moveTo(i: number, x: number, y: number): void {
    const mark = own()[i];
    const print = fingers.get(current)?.probe;
    if (!mark || !print) return;
    mark.x = Math.min(print.width, Math.max(0, x));
    mark.y = Math.min(print.height, Math.max(0, y));
    if (mark.origin === 'accepted') mark.origin = 'moved';
  }

  function rotate(by: number): void {
    const mark = own()[chosen >= 0 ? chosen : nearest(own(), cross, 14)];
    if (!mark) return;
    mark.angle = (mark.angle + by + 2 * Math.PI) % (2 * Math.PI);
    if (mark.origin === 'accepted') mark.origin = 'moved';
    changed();
  }

  function accept(): void {
    own().push(...(proposals.get(current) ?? []).slice(0, 300 - own().length).map((p) => ({ ...p, origin: 'accepted' as const })));
    proposals.set(current, []);
    changed();
  }

  function step(dx: number, dy: number, fine: boolean): void {
    const print = fingers.get(current)?.probe;
    if (!print) return;
    const by = fine ? 1 : STEP;
    cross = { x: Math.min(print.width, Math.max(0, cross.x + dx * by)), y: Math.min(print.height, Math.max(0, cross.y + dy * by)) };
    if (grabbed) {
      moveTo(chosen, cross.x, cross.y);
      changed();
    } else {
      chosen = nearest(own(), cross, 8);
      draw();
      tell();
    }
  }

  /** How many points would be locked as the examiner's own. */
  function total(): void {
    const sum = [...marks.values()].reduce((n, list) => n + list.length, 0);
    const own = lock?.querySelector<HTMLElement>('[data-own]');
    if (!own) return;
    own.hidden = false;
    own.querySelector('[data-total]')!.textContent = String(sum);
    const radio = own.querySelector<HTMLInputElement>('input');
    if (radio && sum > 0) radio.checked = true;
  }

  function changed(): void {
    total();
    draft = true;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void keep(), 4000);
    draw();
    tell();
  }

  const deeds: Record<string, () => void> = {
    in: () => scale(1.25),
    out: () => scale(0.8),
    fit: () => (fit(), draw(), tell()),
    flip: () => ((flipped = !flipped), draw()),
    mark: () => setMarkMode(!markMode),
    ending: () => add('ending'),
    bifurcation: () => add('bifurcation'),
    next,
    grab,
    remove,
    accept,
    again: () => void show(current),
  };

  root.addEventListener('click', (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>('button');
    if (!button) return;
    const { finger: name, view: wanted, layer, do: deed } = button.dataset;
    if (name) void show(name);
    else if (wanted) setView(wanted as View);
    else if (layer) toggle(layer as keyof typeof layers);
    else if (deed) deeds[deed]?.();
  });

  const conclusions: Record<string, string> = { 5: 'identification', 6: 'support_same', 7: 'inconclusive', 8: 'support_different', 9: 'exclusion' };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (/^(textarea|select)$/i.test(target.tagName) || (target instanceof HTMLInputElement && target.type !== 'radio')) return;
    const onControl = /^(button|a|input|summary)$/i.test(target.tagName);
    const arrows: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const arrow = arrows[event.key];
    if (arrow) {
      // Radio buttons keep their arrows.
      if (target instanceof HTMLInputElement) return;
      if (marking && markMode) step(arrow[0], arrow[1], event.shiftKey);
      else pan(arrow[0] * 40, arrow[1] * 40);
      event.preventDefault();
      return;
    }
    const key = event.key.toLowerCase();
    const conclusion = judge && conclusions[key];
    if (conclusion) {
      const radio = judge.querySelector<HTMLInputElement>(`input[value=${conclusion}]`);
      if (radio) {
        radio.checked = true;
        radio.focus();
      }
    } else if (key === '1') setView('image');
    else if (key === '2') setView('enhanced');
    else if (key === '3') setView('ridges');
    else if (key === 'l' && root.querySelector('[data-view=laid]')) setView('laid');
    else if (key === '4') toggle('minutiae');
    else if (key === '+' || key === '=') scale(1.25);
    else if (key === '-' || key === '−') scale(0.8);
    else if (key === '0') deeds.fit?.();
    else if (key === 'j') finger(1);
    else if (key === 'k') finger(-1);
    else if (key === ' ' && !marking && !onControl) deeds.flip?.();
    else if (!marking && key === 'm') toggle('marks');
    else if (!marking && key === 'o') toggle('orientation');
    else if (!marking && key === 'r') toggle('aligned');
    else if (marking && key === 'm') setMarkMode(!markMode);
    else if (marking && key === 'p') accept();
    else if (marking && markMode && key === 'a') add('ending');
    else if (marking && markMode && key === 'b') add('bifurcation');
    else if (marking && markMode && key === 'n') next();
    else if (marking && markMode && key === 'g') grab();
    else if (marking && markMode && (key === 'x' || key === 'delete')) remove();
    else if (marking && markMode && key === 'q') rotate(Math.PI / 18);
    else if (marking && markMode && key === 'e') rotate(-Math.PI / 18);
    else return;
    event.preventDefault();
  });

  for (const canvas of right ? [left, right] : [left]) {
    let dragging: { x: number; y: number; mark: number; moved: boolean } | null = null;
    const local = (event: PointerEvent | WheelEvent) => {
      const box = canvas.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      const p = local(event);
      scale(Math.exp(-event.deltaY * 0.0015), canvas, p.x, p.y);
    }, { passive: false });
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      const p = local(event);
      const mark = marking && markMode ? nearest(own(), image(canvas, p), 12) : -1;
      if (mark >= 0) chosen = mark;
      dragging = { ...p, mark, moved: false };
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!dragging) return;
      const p = local(event);
      if (!dragging.moved && Math.hypot(p.x - dragging.x, p.y - dragging.y) < 3) return;
      if (dragging.mark >= 0) {
        const to = image(canvas, p);
        moveTo(dragging.mark, to.x, to.y);
        cross = to;
        draw();
      } else {
        pan(dragging.x - p.x, dragging.y - p.y);
      }
      dragging = { ...p, mark: dragging.mark, moved: true };
    });
    canvas.addEventListener('pointerup', (event) => {
      if (dragging && marking && markMode) {
        if (dragging.moved && dragging.mark >= 0) changed();
        else if (!dragging.moved && dragging.mark < 0) {
          cross = image(canvas, local(event));
          add(event.shiftKey ? 'bifurcation' : 'ending');
        } else if (!dragging.moved) draw();
      }
      dragging = null;
    });
    canvas.addEventListener('pointercancel', () => (dragging = null));
  }

  /** A place on the canvas as pixels of the print that it shows. */
  function image(canvas: HTMLCanvasElement, p: { x: number; y: number }): { x: number; y: number } {
    const finger = fingers.get(current);
    const shared = fromScreen(canvas, p.x, p.y);
    return finger ? invert(matrix(finger, sideOf(canvas)), shared.x, shared.y) : shared;
  }

  // ---------------------------------------------------------------------------------------------------------- forms

  function marked(): string {
    const round = (n: number, places: number) => Number(n.toFixed(places));
    const list = [...marks].filter(([, own]) => own.length > 0).map(([name, own]) => ({
      finger: name,
      marks: own.map((m) => ({ x: round(m.x, 1), y: round(m.y, 1), angle: round(m.angle, 3), kind: m.kind, origin: m.origin })),
    }));
    return JSON.stringify({ fingers: list, nothing_to_mark: false });
  }

  /** Keeps the draft with the service. What could not be kept stays on the page and is sent with the next change. */
  async function keep(leaving = false): Promise<void> {
    window.clearTimeout(timer);
    if (!draft || locked || !root.dataset.keep) return;
    draft = false;
    const csrf = document.querySelector<HTMLMetaElement>('meta[name=csrf]')?.content ?? '';
    const answer = await fetch(root.dataset.keep, {
      method: 'POST',
      headers: { 'x-csrf': csrf, accept: 'application/json' },
      body: new URLSearchParams({ markings: marked() }),
      keepalive: leaving,
    }).catch(() => null);
    if (!answer?.ok) draft = true;
  }

  lock?.addEventListener('submit', () => {
    const field = lock.querySelector<HTMLInputElement>('input[name=markings]');
    if (field) field.value = marked();
    locked = true;
    window.clearTimeout(timer);
  });

  window.addEventListener('pagehide', () => void keep(true));
  window.addEventListener('pageshow', () => (locked = false));

  new ResizeObserver(() => draw()).observe(left);
  root.hidden = false;
  if (marking) total();
  if (current) void show(current);
}

export {};
