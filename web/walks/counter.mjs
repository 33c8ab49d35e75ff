// The counter by keyboard: from signing in to the receipt, with a stopwatch on the operator's own actions; then a refusal
// to its appeal, and an exemption to its document.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Person, picture } from './harness.mjs';

export const title = 'counter: sign-in to receipt, refusal to appeal, exemption';

const STATION = 'csc-astana-1';
const FINGERS = ['right_index', 'right_middle', 'right_ring', 'right_little', 'left_index', 'left_middle', 'left_ring', 'left_little', 'right_thumb', 'left_thumb'];

export async function walk({ browser, service, program, pictures }) {
  const dir = mkdtempSync(join(tmpdir(), 'tanba-hands-'));
  try {
    const files = hands(program, dir, 4711);
    const operator = await Person.come(browser, service);
    await operator.signIn('operator', STATION);
    await picture(operator, pictures, 'counter-shift');
    await operator.press('Enter', 'button.main');
    await operator.page.waitForSelector('#iin');
    await operator.sees('Who has come?');
    await picture(operator, pictures, 'counter-desk');
    const timed = await registration(operator, files, pictures);
    await refusal(operator, browser, service, pictures);
    await exemption(operator, service, pictures);
    await draft(operator, service, files);
    await lost(operator, files);
    await operator.leave();
    if (timed.seconds > 90) throw new Error(`a registration takes ${timed.seconds.toFixed(0)} s of the operator's own actions`);
    return `${timed.actions} actions, ${timed.seconds.toFixed(0)} s of the operator's own doing`;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Presses Enter (on the page, or on something) and waits until the page that follows is there. */
async function onward(operator, path, selector = null) {
  operator.spend('key');
  const press = selector ? operator.page.locator(selector).first().press('Enter') : operator.page.keyboard.press('Enter');
  await Promise.all([operator.page.waitForURL(path), press]);
  await operator.settle();
}

/** Ten fingers of one invented hand each, named by finger. */
function hands(program, dir, seed) {
  execFileSync(program, ['synth', 'prints', '--count', '10', '--seed', String(seed), '--preset', 'clean', '--out', dir], { stdio: 'ignore' });
  const prints = readdirSync(dir).filter((name) => name.endsWith('.png')).sort();
  return FINGERS.map((finger, i) => {
    const path = join(dir, prints[i]);
    return { finger, path, upload: (name = `${finger}.png`) => ({ name, mimeType: 'image/png', buffer: readFileSync(path) }) };
  });
}

/** A person whom no register knows begins a visit; the name tells the walks' people apart. */
async function arrive(operator, name, born = '1990-05-06') {
  await operator.go('/counter/typed');
  await operator.type('#born', born);
  await operator.page.fill('#born', born);
  await operator.type('#family_name_latin', name);
  await operator.enter('#family_name_latin');
  await operator.sees(name, 'The person must be registered');
}

async function registration(operator, files, pictures) {
  operator.begin();
  await arrive(operator, 'Walkerov');
  // Explaining takes the time it takes: the stopwatch stands for what the operator does at the machine.
  await picture(operator, pictures, 'counter-law');
  await onward(operator, '**/capture');
  await operator.sees('0 of 10 fingers done');
  await picture(operator, pictures, 'counter-capture-empty');
  for (const { finger, upload } of files) {
    const here = await operator.page.locator('[data-station]').getAttribute('data-finger');
    if (here !== finger) throw new Error(`the next finger is ${here}, and should be ${finger}`);
    await operator.file('#file', upload('scan.png'));
    await operator.page.waitForFunction((f) => document.querySelector(`[data-pick="${f}"]:not(.empty)`), finger);
    if (finger === 'right_ring') {
      if (pictures) {
        const shown = async (page) => {
          await page.waitForSelector('[data-station]');
          await page.locator('[data-pick="right_middle"]').focus();
          await page.locator('[data-pick="right_middle"]').press('Enter');
          await page.waitForSelector('#print svg .minutia');
        };
        await picture(operator, pictures, 'counter-capture', { prepare: shown });
      }
      await operator.click('[data-pick="right_index"]');
      await operator.page.waitForSelector('#print svg .minutia');
      await operator.click('[data-pick="right_little"]');
      await operator.page.waitForSelector('[data-station][data-finger="right_little"]');
    }
    await acceptIfPoor(operator);
  }
  await operator.sees('10 of 10 fingers done');
  await operator.page.waitForSelector('form[action$="/check"] button.main');
  await operator.click('form[action$="/check"] button.main');
  await operator.page.waitForSelector('text=Nobody registered has these prints', { timeout: 60000 });
  await operator.settle();
  await picture(operator, pictures, 'counter-check');
  await onward(operator, '**/document', 'a.button.main');
  await operator.type('#number', 'NW0000001');
  await picture(operator, pictures, 'counter-document-step');
  await operator.type('#number', 'NW0000001');
  await operator.enter('#number');
  await operator.sees('NW0000001', 'made');
  await operator.press('Enter', 'button.main');
  await operator.sees('issued');
  await picture(operator, pictures, 'counter-document');
  await onward(operator, '**/receipt/*', 'button.main');
  await operator.sees('Best fingers', 'Code of the receipt');
  const timed = operator.end();
  await picture(operator, pictures, 'counter-receipt');
  const code = operator.page.url().split('/').pop();
  await operator.go(`/receipt/${code}`);
  await operator.sees('genuine');
  await operator.seesNot('Walkerov');
  await picture(operator, pictures, 'receipt-check');
  return timed;
}

/** A print of low quality is kept with the reason that is offered first. */
async function acceptIfPoor(operator) {
  const form = operator.page.locator('form.accept button');
  if (!(await form.count())) return;
  await operator.click('form.accept button');
  await operator.page.waitForFunction(() => !document.querySelector('form.accept'));
}

async function refusal(operator, browser, service, pictures) {
  await arrive(operator, 'Nayov');
  const visit = operator.page.url().replace(/\/law$/, '');
  await operator.go(`${visit}/refusal`);
  await operator.sees('The person thinks it over', 'Nothing follows by itself');
  await picture(operator, pictures, 'counter-refusal-before');
  await operator.click('button.refuse');
  await operator.sees('Refusal no. 1', 'tenge');
  const page = operator.page.url();
  await picture(operator, pictures, 'counter-refusal');
  await operator.press('Enter', 'button.main');
  await operator.sees('An appeal is pending');
  await onward(operator, '**/documents/*', 'button.main');
  await operator.sees('Interim document');
  await picture(operator, pictures, 'counter-interim');

  const officer = await Person.come(browser, service);
  await officer.signIn('officer');
  await officer.go('/refusals');
  await officer.sees('appeal pending');
  await picture(officer, pictures, 'refusals');
  await officer.go(page);
  await officer.click('form:has(input[value="uphold"]) button');
  await officer.sees('The appeal was upheld');
  await officer.leave();
}

async function exemption(operator, service, pictures) {
  await arrive(operator, 'Nofingerov');
  const visit = operator.page.url().replace(/\/law$/, '');
  await operator.go(`${visit}/exemption`);
  const photo = await operator.page.screenshot({ type: 'jpeg', quality: 60 });
  await operator.file('#photo', { name: 'hands.jpg', mimeType: 'image/jpeg', buffer: photo });
  await operator.click('button.main');
  await operator.sees('Look for the same name');
  await operator.click('button.main');
  await operator.sees('0 people of a like name');
  await operator.click('button.main');
  await operator.sees('none of them is this person');
  await picture(operator, pictures, 'counter-exemption');
  await operator.tick('input[name=code]');
  await operator.type('#login', 'second');
  await operator.type('#password', service.password);
  await operator.enter('#password');
  await operator.sees('issued without prints');
}

/** The session ends in the middle: what was captured is there after signing in again. */
async function draft(operator, service, files) {
  await arrive(operator, 'Pausov', '1991-02-03');
  await onward(operator, '**/capture');
  await operator.page.waitForSelector('[data-station]');
  const visit = operator.page.url().replace(/\/capture.*$/, '');
  // Other fingers than those that were registered: these are looked at and never compared.
  await operator.file('#file', files[0].upload());
  await operator.page.waitForSelector('[data-pick="right_index"]:not(.empty)');
  await operator.context.clearCookies({ name: 'tanba_session' });
  await operator.file('#file', files[1].upload());
  await operator.page.waitForSelector('#line:not([hidden])');
  await operator.sees('Your session has ended. Everything captured is stored');
  await Promise.all([operator.page.waitForURL(/sign-in/), operator.page.locator('#line a').click()]);
  await operator.settle();
  await operator.type('#login', 'operator');
  await operator.type('#password', service.password);
  await operator.page.fill('#station', STATION);
  await Promise.all([operator.page.waitForURL(/capture/), operator.page.locator('#password').press('Enter')]);
  await operator.settle();
  await operator.sees('1 of 10 fingers done');
  if (!operator.page.url().startsWith(visit)) throw new Error('signing in did not lead back to the visit');
}

/** The line is lost while a print is sent: it waits, and is sent when the line is back. By keys, a finger is stated. */
async function lost(operator, files) {
  await operator.page.waitForSelector('[data-station]');
  await operator.page.locator('[data-pick="left_ring"]').focus();
  await operator.press('b');
  await operator.page.waitForSelector('[data-pick="left_ring"].stated');
  await operator.context.setOffline(true);
  await operator.page.locator('#file').setInputFiles(files[1].upload('right_middle.png'));
  await operator.page.waitForSelector('#line:not([hidden])');
  await operator.sees('The connection is lost');
  await operator.context.setOffline(false);
  await operator.page.waitForSelector('[data-pick="right_middle"]:not(.empty)', { timeout: 20000 });
  await operator.sees('The connection is back');
  // That the browser could not load anything meanwhile is what was to be shown.
  operator.problems = operator.problems.filter((problem) => !problem.includes('ERR_INTERNET_DISCONNECTED'));
}
