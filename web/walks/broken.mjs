// What goes wrong at a counter: the session ends in the middle of a capture, the line is lost, a finger presses twice, two
// windows are open, and somebody sends 50 MB.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arrive, atWork } from './counter.mjs';
import { picture } from './harness.mjs';

export const title = 'session ended, line lost, pressed twice, two windows, 50 MB';

export async function walk({ browser, service, pictures, people }) {
  const operator = await atWork(browser, service);
  await arrive(operator, people[5]);
  await operator.press('Enter', '.spoken button.main');
  const page = operator.page;
  const take = async (finger) => {
    await page.locator(`[data-station][data-finger="${finger}"]`).waitFor();
    await page.locator('[data-station] .device button').first().press('Enter');
  };
  await take('right_index');
  await page.locator('[data-station][data-finger="right_middle"]').waitFor();

  // The line is lost: the page says so, keeps trying, and goes on by itself.
  await operator.context.setOffline(true);
  await page.locator('[data-station] .device button').first().press('Enter');
  await page.locator('#line:not([hidden])').waitFor();
  if (pictures) await picture(operator, pictures, 'counter-line-lost', { stay: true });
  await operator.context.setOffline(false);
  await page.locator('[data-pick="right_middle"]:not(.empty)').waitFor({ timeout: 15000 });
  operator.problems = operator.problems.filter((problem) => !problem.includes('ERR_INTERNET_DISCONNECTED'));

  // Pressed twice at once, one attempt.
  await page.locator('[data-station][data-finger="right_ring"]').waitFor();
  await page.locator('[data-station] .device button').first().dblclick();
  await page.locator('[data-pick="right_ring"]:not(.empty)').waitFor();
  await page.waitForTimeout(800);
  await operator.go(new URL(page.url()).pathname.split('?')[0] + '?finger=right_ring');
  await operator.sees('1 of 3');

  // 50 MB: refused in words, nothing stored.
  const big = join(tmpdir(), `tanba-walk-${process.pid}.png`);
  writeFileSync(big, Buffer.alloc(50 << 20));
  await page.locator('#files').setInputFiles(big);
  await page.locator('[data-drop] button').click();
  await page.locator('#line:not([hidden]), .station [role=alert]').first().waitFor();
  const told = await operator.text();
  if (!/too large/i.test(told)) throw new Error(`50 MB are not refused in words: ${told.slice(0, 800)}`);

  // Two windows: what one does, the other sees at its next step.
  // The second window is a context of its own with the same cookies: two tabs of one headless window wait for each other's focus.
  const beside = await browser.newContext({ baseURL: service.url });
  await beside.addCookies(await operator.context.cookies());
  const other = await beside.newPage();
  await other.goto(page.url());
  await other.locator('[data-station]').waitFor();
  await other.locator('[data-pick="left_index"]').press('Enter');
  await other.locator('[data-station][data-finger="left_index"]').waitFor();
  await other.locator('[data-station] .device button').first().press('Enter');
  await other.locator('[data-pick="left_index"]:not(.empty)').waitFor();
  await page.reload();
  await page.locator('[data-pick="left_index"]:not(.empty)').waitFor();

  // The session ends in the middle of it (signed out in the other window).
  await other.goto('/counter');
  await other.locator('form[action="/sign-out"] button').click();
  await beside.close();
  const capture = new URL(page.url()).pathname;
  await page.locator('[data-station] .device button').first().press('Enter');
  await page.locator('#line a').waitFor();
  if (pictures) await picture(operator, pictures, 'counter-session-ended', { stay: true });
  await page.locator('#line a').click();
  await operator.settle();
  await operator.sees('Your session has ended', 'is kept');
  await operator.type('#login', 'operator');
  await operator.type('#password', service.password);
  await operator.type('#station', 'csc-astana-1');
  await operator.enter('#station');
  if (new URL(page.url()).pathname !== capture) throw new Error(`signing in again leads to ${page.url()}`);
  for (const finger of ['right_index', 'right_middle', 'right_ring', 'left_index']) await page.locator(`[data-pick="${finger}"]:not(.empty)`).waitFor();
  await operator.leave();
}
