// What the walks share: a service with its demonstration, a browser that watches every page, and a person with a stopwatch.
//
// Every page that a walk comes to is checked by itself: no request leaves this machine, nothing is refused by the content
// security policy, no script error, no text key without its text, and axe finds nothing (WCAG 2.2 A and AA, best practices).

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// Seconds that a practised person needs: the keystroke-level model (Card, Moran, Newell 1980) with its average typist.
const SECONDS = { key: 0.28, point: 1.1, press: 0.2, home: 0.4, think: 1.35 };

/** Starts `tanba` with these arguments and waits until it says where it listens. */
export async function start(program, args) {
  const dir = mkdtempSync(join(tmpdir(), 'tanba-walk-'));
  const child = spawn(program, args.map((arg) => arg.replace('{dir}', join(dir, 'data'))), { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  const service = await new Promise((resolve, reject) => {
    const hear = (bytes) => {
      told += bytes;
      const url = told.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
      const password = told.match(/password[: ]+((?:\d{4}-)+\d{4})/i)?.[1];
      if (url && password) resolve({ url, password });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => reject(new Error(`tanba ended with ${code} before it listened:\n${told}`)));
  });
  return {
    ...service,
    told: () => told,
    async stop() {
      const ended = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGINT');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A Chromium that asks nobody outside for anything. */
export function launch(program) {
  return chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** A person at a browser of their own. */
export class Person {
  static async come(browser, service, { lang = 'en', width = 1366, height = 768, theme = 'light', checks = true } = {}) {
    const context = await browser.newContext({
      baseURL: service.url,
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: 'reduce',
      locale: lang,
    });
    await context.addCookies([{ name: 'tanba_language', value: lang, url: service.url }]);
    const page = await context.newPage();
    return new Person(context, page, service, checks);
  }

  constructor(context, page, service, checks) {
    Object.assign(this, { context, page, service, checks });
    this.problems = [];
    this.clock = null;
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(service.url) && !url.startsWith('blob:')) this.problems.push(`a request to ${url}`);
    });
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) this.problems.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.problems.push(`script: ${error.message}`));
  }

  async signIn(login, station = '') {
    await this.go('/sign-in');
    await this.type('#login', login);
    await this.type('#password', this.service.password);
    await this.page.fill('#station', '');
    if (station) await this.type('#station', station);
    await this.enter('#password');
  }

  async go(path) {
    await this.page.goto(path);
    await this.check();
  }

  /** Points at something and presses. */
  async click(selector, options = {}) {
    this.spend('point', 'press');
    await this.page.locator(selector).first().click(options);
    await this.settle();
  }

  /** A key. */
  async press(key, selector = null) {
    this.spend('key');
    if (selector) {
      await this.page.locator(selector).first().press(key);
    } else {
      // A page puts its main action into focus as soon as it is there; nobody presses faster than they see it.
      await this.page.waitForFunction(() => document.activeElement !== document.body, null, { timeout: 3000 }).catch(() => {});
      await this.page.keyboard.press(key);
    }
    await this.settle();
  }

  /** Enter in a field: the page's main action. */
  async enter(selector) {
    this.spend('think', 'key');
    await this.page.locator(selector).first().press('Enter');
    await this.settle();
  }

  /** Typing, at a person's speed where the clock runs. */
  async type(selector, text) {
    const field = this.page.locator(selector).first();
    await field.focus();
    if (this.clock) for (const _ of text) this.spend('key');
    await field.fill('');
    await field.pressSequentially(text, { delay: this.clock ? 5 : 0 });
  }

  async choose(selector, value) {
    this.spend('point', 'press', 'key');
    await this.page.locator(selector).first().selectOption(value);
  }

  async tick(selector) {
    this.spend('point', 'press');
    await this.page.locator(selector).first().check();
  }

  async file(selector, files) {
    this.spend('think', 'point', 'press', 'point', 'press');
    await this.page.locator(selector).first().setInputFiles(files);
    await this.settle();
  }

  async settle() {
    // A key or a press that leads somewhere has begun to by now.
    await this.page.waitForTimeout(80);
    await this.page.waitForLoadState('domcontentloaded');
    await this.page.waitForLoadState('networkidle').catch(() => {});
    await this.check();
  }

  /** Starts the stopwatch. */
  begin() {
    this.clock = { actions: 0, seconds: 0 };
  }

  /** Stops it: how many actions, and how many seconds of a practised person's own doing. */
  end() {
    const clock = this.clock;
    this.clock = null;
    return clock;
  }

  spend(...what) {
    if (!this.clock) return;
    this.clock.actions += 1;
    for (const one of what) this.clock.seconds += SECONDS[one];
  }

  async text() {
    return this.page.locator('main').innerText();
  }

  async sees(...words) {
    const text = await this.text();
    for (const word of words) if (!text.includes(word)) throw new Error(`${this.page.url()} does not say «${word}»:\n${text.slice(0, 2000)}`);
  }

  async seesNot(...words) {
    const text = await this.page.content();
    for (const word of words) if (text.includes(word)) throw new Error(`${this.page.url()} says «${word}»`);
  }

  /** What holds for every page. Each address and state is looked at by axe once per person. */
  async check() {
    try {
      await this.look();
    } catch (error) {
      // A page that went away while it was looked at is looked at again as the one that came.
      if (!/context was destroyed|navigat/i.test(String(error))) throw error;
      await this.page.waitForLoadState('networkidle').catch(() => {});
      await this.look();
    }
  }

  async look() {
    if (!this.checks) return;
    const page = this.page;
    if (!page.url().startsWith(this.service.url)) return;
    if (!(await page.locator('main').count())) return;
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 1) this.problems.push(`${where(page)} is ${overflow} px wider than the window`);
    this.seen ??= new Set();
    const fingerprint = await page.evaluate(() => location.pathname.replace(/[0-9a-f-]{32,36}/g, 'ID') + [...document.querySelectorAll('main h1, main h2, main form')].map((e) => e.tagName + (e.id || '') + (e.className || '')).join());
    if (this.seen.has(fingerprint)) return;
    this.seen.add(fingerprint);
    await page.evaluate(AXE);
    const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), AXE_TAGS);
    for (const violation of found.violations) {
      const nodes = violation.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.failureSummary ?? ''}`).join('\n    ');
      this.problems.push(`axe ${violation.id} (${violation.impact}) at ${where(page)}: ${violation.help}\n    ${nodes}`);
    }
  }

  /** Fails where any page had a problem. */
  done() {
    if (this.problems.length) throw new Error(this.problems.join('\n'));
  }

  async leave() {
    this.done();
    await this.context.close();
  }
}

function where(page) {
  return new URL(page.url()).pathname;
}

/** Pictures of a page in the looks that people use: a counter's screen, a dark room, a phone; and the three languages. */
export async function picture(person, folder, name, options = {}) {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  const { page, context, service } = person;
  const looks = [
    { suffix: 'en-light', lang: 'en', theme: 'light', width: 1366, height: 768 },
    { suffix: 'ru-dark', lang: 'ru', theme: 'dark', width: 1366, height: 768 },
    { suffix: 'kk-phone', lang: 'kk', theme: 'light', width: 360, height: 740 },
  ];
  const cookies = await context.cookies();
  const before = { size: page.viewportSize(), lang: cookies.find((c) => c.name === 'tanba_language')?.value ?? 'en' };
  const url = page.url();
  for (const look of options.only ? looks.slice(0, options.only) : looks) {
    await context.addCookies([{ name: 'tanba_language', value: look.lang, url: service.url }]);
    await page.emulateMedia({ colorScheme: look.theme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width: look.width, height: look.height });
    if (!options.stay) await page.goto(url);
    await options.prepare?.(page);
    await page.waitForLoadState('networkidle').catch(() => {});
    await person.check();
    await page.screenshot({ path: join(folder, `${name}-${look.suffix}.png`), fullPage: true });
    if (options.stay) break;
  }
  await context.addCookies([{ name: 'tanba_language', value: before.lang, url: service.url }]);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(before.size);
  if (!options.stay) await page.goto(url);
}

/** Keys alone: goes on with Tab (or Shift+Tab) until this is in focus. */
export async function tabTo(person, selector, key = 'Tab', most = 120) {
  for (let i = 0; i < most; i += 1) {
    if (await person.page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await person.page.keyboard.press(key);
    person.spend('key');
  }
  throw new Error(`${selector} cannot be reached by ${key} at ${person.page.url()}`);
}

/** What is in focus, for a sentence about it. */
export function focus(person) {
  return person.page.evaluate(() => {
    const e = document.activeElement;
    return `${e?.tagName.toLowerCase()}${e?.id ? `#${e.id}` : ''} «${(e?.textContent ?? '').trim().slice(0, 60)}»`;
  });
}
